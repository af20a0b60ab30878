/* pause.c -- how a thread waits for the others at a barrier.
 *
 * If each thread has a core, the others arrive within a few turns of a spin.  If not,
 * spinning occupies the core that the awaited thread needs.  So a thread whose spin was
 * in vain spins half as long the next time, and otherwise twice as long.
 */
#include "base/rr_clock.h"
#include "race/inside.h"

/* How often a thread yields its core, and how long it sleeps after that. */
enum { YIELDS = 20, DOZE_NS = 50000 };

static bool
is_past(rr_race *race, const rr_racer *racer)
{
    return !racer->waiting || rr_barrier_round(&race->barrier) != racer->round ||
           atomic_load_explicit(&race->stopped, memory_order_relaxed);
}

void
rr_race_pause(rr_race *race, int thread)
{
    rr_racer *racer = &race->racers[thread];
    for (int i = 0; i < racer->spins; i++) {
        if (is_past(race, racer)) {
            racer->spins = racer->spins < RR_MOST_SPINS / 2 ? 2 * racer->spins : RR_MOST_SPINS;
            return;
        }
        rr_relax();
    }
    racer->spins =
        racer->spins > 2 * RR_FEWEST_SPINS ? racer->spins / 2 : RR_FEWEST_SPINS;
    for (int i = 0; i < YIELDS; i++) {
        rr_yield();
        if (is_past(race, racer)) {
            return;
        }
    }
    rr_doze(DOZE_NS);
}
