/* batch.c -- how many rounds threads race through between two meetings.
 *
 * One round if threads meet quickly, so that they reach each object together.  If a
 * thread has to wait for a core, a meeting costs far more than the rounds, so there are
 * fewer meetings.
 */
#include "base/rr_clock.h"
#include "race/inside.h"

/* If a batch's two meetings cost more than the first, the batch grows; if less than the
 * second, it shrinks. */
enum { LONG_NS = 20000, SHORT_NS = 4000 };

static int64_t
next_batch(const rr_race *race, int64_t ended_ns)
{
    if (race->config.in_turns || race->config.gap_odds > 0 || ended_ns == 0) {
        return 1;
    }
    int64_t busy_ns = race->tally.busy_ns - race->busy_before_ns;
    int64_t waited_ns = ended_ns - race->batch_began_ns - busy_ns;
    if (waited_ns > LONG_NS && waited_ns > busy_ns && 4 * race->batch <= race->n_rounds) {
        return 2 * race->batch;
    }
    return waited_ns < SHORT_NS && race->batch > 1 ? race->batch / 2 : race->batch;
}

void
rr_race_begin_batch(rr_race *race, int64_t ended_ns)
{
    int64_t left = race->config.n_objects - rr_race_settled(race);
    int64_t batch = next_batch(race, ended_ns);
    race->batch = batch < left || left < 1 ? batch : left;
    race->busy_before_ns = race->tally.busy_ns;
    race->batch_began_ns = rr_now_ns();
}
