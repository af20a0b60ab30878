/* stretches.c -- when each thread was inside: the first stretches of a race. */
#include "base/rr_status.h"
#include "race/inside.h"

void
rr_race_keep_stretch(const rr_race *race, rr_racer *racer, rr_interval inside)
{
    if (racer->n_kept < race->config.n_stretches && racer->since_kept > 0) {
        racer->stretches[racer->n_kept] = (rr_race_stretch){
            /* A turn can begin before the threads have met for the first time. */
            .begin_ns =
                inside.begin < race->began_ns ? 0 : inside.begin - race->began_ns,
            .end_ns = inside.end - race->began_ns,
            .round = rr_race_settled(race),
            .operations = racer->since_kept,
            .drops = racer->phase == RR_PHASE_DROP,
        };
        racer->n_kept++;
    }
    racer->since_kept = 0;
}

int64_t
rr_race_stretches_of(const rr_race *race, int thread, const rr_race_stretch **out)
{
    if (thread < 0 || thread >= race->config.n_threads) {
        return RR_EINVAL;
    }
    *out = race->racers[thread].stretches;
    return race->racers[thread].n_kept;
}
