/* pairs.pml -- T threads borrow one object and count it N times up and down, unlocked.
 *
 * The same program and the same steps as benchmarks/explore.py gives the explorer: a load
 * and a store each, one step to free; a run is over at its first corruption.
 */
short count = 1;
bool dying, freed, over;

#define WHILE_ALIVE(step) if :: freed -> over = true :: else -> step fi

active [T] proctype taker() provided (!over)
{
    short n;
    byte i;
    do
    :: i == N -> break
    :: else ->
        d_step { WHILE_ALIVE(n = count) }
        d_step {
            if
            :: freed || (dying && count == 0) -> over = true
            :: else -> count = n + 1
            fi
        }
        d_step { WHILE_ALIVE(n = count) }
        d_step {
            if
            :: freed || n <= 0 || (n == 1 && dying) -> over = true
            :: else -> count = n - 1; dying = dying || n == 1; i++
            fi
        }
        if
        :: n == 1 -> freed = true; n = 0
        :: else -> n = 0
        fi
    od
}
