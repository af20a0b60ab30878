/* settle.c -- what the last thread at the barrier does for all: counts the losses of a
 * batch and tallies its objects. */
#include "base/rr_clock.h"
#include "race/inside.h"

static int64_t
takers_of_object(const rr_race *race)
{
    return race->config.shared ? race->config.n_threads : 1;
}

static void
note_time_inside(rr_race *race)
{
    if (race->config.in_turns) {
        return; /* each racer sums it; collected at the end */
    }
    rr_interval intervals[RR_MAX_THREADS];
    for (int t = 0; t < race->config.n_threads; t++) {
        intervals[t] = race->racers[t].inside;
    }
    rr_overlap overlap = rr_overlap_of(intervals, race->config.n_threads);
    race->tally.busy_ns += overlap.busy_ns;
    race->tally.crowded_ns += overlap.crowded_ns;
}

static void
renew_round(rr_race *race, int64_t round)
{
    for (int64_t i = 0; i < race->per_round; i++) {
        int maker = race->config.foreign ? rr_race_referee(race)
                                         : (int)(i / race->config.together);
        int64_t slot = (round % race->n_rounds) * race->per_round + i;
        (void)rr_arena_renew(race->arena, slot, race->mode,
                             &(const rr_start){
                                 .count = 1,
                                 .tid = maker + 1,
                                 .is_shared = maker == rr_race_referee(race) ||
                                              takers_of_object(race) > 1,
                             });
    }
}

static void
renew_batch(rr_race *race, int64_t first_round)
{
    for (int64_t r = 0; r < race->batch; r++) {
        renew_round(race, first_round + r);
    }
}

/* Between the phases no thread has dropped anything, so the object is alive, and what its
 * count lacks was lost. */
static void
count_lost_increments(rr_race *race, int64_t first_round)
{
    int64_t truth = 1 + takers_of_object(race) * race->config.hold;
    for (int64_t i = 0; i < race->batch * race->per_round; i++) {
        rr_object *o = rr_race_object(race, first_round + i / race->per_round,
                                      i % race->per_round);
        race->lost_in_take[i] = truth - rr_object_count(o, race->mode);
        race->tally.lost_increments += race->lost_in_take[i];
    }
}

static void
note_end(rr_race *race, rr_object *o, int64_t dropped_ns, bool *waits)
{
    if (*waits && rr_object_is_freed(o)) {
        *waits = false;
        race->tally.freed_late++;
        race->tally.late_ns += rr_now_ns() - dropped_ns;
    }
}

/* No thread races, so this one can act for each of them, and then for all.  Notes how
 * long `o`, whose last reference was just dropped, waits until it is freed, and no
 * longer. */
static void
settle_threads(rr_race *race, rr_object *o)
{
    const rr_mode *mode = race->mode;
    bool puts_off = mode->quiesce != NULL || mode->collapse != NULL;
    bool waits = o != NULL && puts_off && !rr_object_is_freed(o);
    int64_t dropped_ns = waits ? rr_now_ns() : 0;
    for (int t = 0; t <= rr_race_referee(race); t++) {
        (void)rr_threads_quiesce(race->domain, mode, t);
        note_end(race, o, dropped_ns, &waits);
    }
    (void)rr_threads_collapse(race->domain, mode, rr_race_referee(race));
    note_end(race, o, dropped_ns, &waits);
}

/* Drops the first reference, as the referee, and tallies what became of the object. */
static void
settle_object(rr_race *race, rr_object *o, int64_t lost_increments)
{
    rr_race_tally *tally = &race->tally;
    bool early = rr_object_is_freed(o);
    int64_t drift = early ? 0 : rr_object_count(o, race->mode) - 1;

    int64_t before = rr_threads_enter(rr_race_referee(race));
    tally->dangling_uses += race->mode->decref_run[RR_ONE_BY_ONE](o, 1);
    rr_threads_become(before);
    settle_threads(race, o);

    int64_t deaths = atomic_load_explicit(&o->deaths, memory_order_relaxed);
    tally->objects++;
    if (early) {
        tally->freed_early++;
    }
    else if (deaths == 0) {
        tally->leaked++;
    }
    else {
        tally->intact++;
    }
    if (!early) {
        tally->drift += drift;
        tally->lost_decrements += drift + lost_increments;
    }
    tally->double_frees += deaths > 1 ? deaths - 1 : 0;
    tally->operations += 2 * takers_of_object(race) * race->config.hold + 1;
}

static void
settle_batch(rr_race *race, int64_t first_round)
{
    settle_threads(race, NULL);
    for (int64_t i = 0; i < race->batch * race->per_round; i++) {
        rr_object *o = rr_race_object(race, first_round + i / race->per_round,
                                      i % race->per_round);
        settle_object(race, o, race->lost_in_take[i]);
    }
    for (int t = 0; t < race->config.n_threads; t++) {
        race->tally.dangling_uses += race->racers[t].dangling_uses;
        race->racers[t].dangling_uses = 0;
    }
    race->tally.elapsed_ns = rr_now_ns() - race->began_ns;
    atomic_store_explicit(&race->settled_rounds, first_round + race->batch,
                          memory_order_release);
}

void
rr_race_between_phases(rr_race *race, rr_phase phase)
{
    int64_t round = atomic_load_explicit(&race->settled_rounds, memory_order_relaxed);
    int64_t now_ns = rr_now_ns();
    switch (phase) {
    case RR_PHASE_MEET:
        race->began_ns = now_ns;
        rr_race_begin_batch(race, 0);
        renew_batch(race, 0);
        break;
    case RR_PHASE_TAKE:
        note_time_inside(race);
        count_lost_increments(race, round);
        break;
    case RR_PHASE_DROP:
        note_time_inside(race);
        settle_batch(race, round);
        rr_race_begin_batch(race, now_ns);
        renew_batch(race, rr_race_settled(race));
        break;
    }
    rr_gaps_begin(&race->gaps, race->config.n_threads);
}
