/* pairs.pml -- T threads borrow one object and count it N times up and down, unlocked.
 *
 * The same program and the same steps as benchmarks/explore.py gives the explorer: a load
 * and a store each, one step to free; a run is over at its first corruption.  Tests on
 * locals are part of a step, and locals are cleared when they are not read again.
 */
short count = 1;
bool dying, freed, over;

active [T] proctype taker() provided (!over)
{
    short n;
    byte i;
    bool must_free;
    do
    :: d_step { i < N && !must_free -> if :: freed -> over = true :: else -> n = count fi }
        d_step {
            if
            :: freed || (dying && count == 0) -> over = true
            :: else -> count = n + 1; n = 0
            fi
        }
        d_step { if :: freed -> over = true :: else -> n = count fi }
        d_step {
            if
            :: freed || n <= 0 || (n == 1 && dying) -> over = true
            :: else -> count = n - 1; must_free = n == 1; dying = dying || n == 1
            fi;
            n = 0;
            i++
        }
    :: d_step { must_free -> freed = true; must_free = false }
    :: i == N && !must_free -> break
    od
}
