/* race.c -- the rounds of a race: one state machine a thread, one settlement a round. */
#include "race/race.h"

#include "arena/arena.h"
#include "base/rr_clock.h"
#include "base/rr_rng.h"
#include "base/rr_status.h"
#include "race/barrier.h"
#include "race/overlap.h"

/* Rounds that a freed object stays in quarantine before its slot is renewed.  One would
 * be safe, since all threads meet between rounds; more keeps the old addresses apart. */
enum { QUARANTINE_ROUNDS = 64 };

/* Longest jitter before a phase, in turns of an idle loop: some tens of ns at most, so that no
 * thread is the first one always. */
enum { JITTER_MASK = 3 };

/* How long a pause spins before it gives the core away, and how often it does that. */
enum { PAUSE_SPINS = 2000, PAUSE_YIELDS = 50 };

/* The number of whoever is last at the barrier, in what he does for all. */
enum { REFEREE = RR_MAX_THREADS };
_Static_assert((int)REFEREE < (int)RR_MAX_SEATS, "the referee has a seat too");

typedef enum rr_phase {
    PHASE_MEET, /* before the first round */
    PHASE_TAKE,
    PHASE_DROP,
} rr_phase;

/* One thread's place in the race; written by that thread alone, and read by the last
 * one at the barrier, which the barrier orders. */
typedef struct rr_racer {
    _Alignas(RR_CACHE_BYTES) rr_phase phase;
    bool waiting;   /* has arrived at the barrier of `round` */
    int64_t round;  /* of the barrier, when it arrived */
    int64_t done;   /* operations done in this phase */
    rr_rng rng;
    rr_object *object;
    rr_interval inside; /* of this phase */
    int64_t dangling_uses;
    int64_t turn_ns;         /* in_turns: time in calls */
    int64_t crowded_turn_ns; /* in_turns: time in calls that met another thread */
} rr_racer;

struct rr_race {
    rr_race_config config;
    const rr_mode *mode;
    rr_domain *domain;
    rr_arena *arena;
    rr_racer *racers;
    rr_barrier barrier;
    _Atomic bool stopped;
    _Atomic int n_inside; /* threads in rr_race_advance, for in_turns */

    /* Written by the last one at the barrier, while nobody races. */
    int64_t per_round; /* objects in a round */
    _Atomic int64_t settled_rounds;
    int64_t began_ns;
    rr_race_tally tally;
    int64_t lost_in_take[RR_MAX_THREADS]; /* increments, an object of this round each */
};

int
rr_race_open(const rr_race_config *config, rr_race **out)
{
    if (config->mode < 0 || config->mode >= RR_N_MODES || config->n_threads < 1 ||
        config->n_threads > RR_MAX_THREADS || config->n_objects < 1 ||
        config->hold < 1) {
        return RR_EINVAL;
    }
    rr_race *race = rr_alloc(1, sizeof *race);
    if (race == NULL) {
        return RR_ENOMEM;
    }
    race->config = *config;
    race->mode = rr_native_modes[config->mode];
    race->per_round = config->shared ? 1 : config->n_threads;
    race->barrier.n_threads = config->n_threads;

    int status = RR_ENOMEM;
    race->racers = rr_alloc((size_t)config->n_threads, sizeof *race->racers);
    if (race->racers == NULL) {
        goto failed;
    }
    for (int t = 0; t < config->n_threads; t++) {
        race->racers[t].rng = rr_rng_stream(config->seed, (uint64_t)t);
    }
    status = rr_domain_open(&race->domain);
    if (status != RR_OK) {
        goto failed;
    }
    status =
        rr_arena_open(QUARANTINE_ROUNDS * race->per_round, race->domain, &race->arena);
    if (status != RR_OK) {
        goto failed;
    }
    *out = race;
    return RR_OK;

failed:
    rr_race_close(race);
    return status;
}

void
rr_race_close(rr_race *race)
{
    if (race != NULL) {
        rr_arena_close(race->arena);
        rr_domain_close(race->domain);
        rr_free(race->racers);
        rr_free(race);
    }
}

static int64_t
slot_of(const rr_race *race, int64_t round, int64_t object)
{
    return (round % QUARANTINE_ROUNDS) * race->per_round + object;
}

static int64_t
takers_of_object(const rr_race *race)
{
    return race->config.shared ? race->config.n_threads : 1;
}

/* ---- what the last one at the barrier does ------------------------------------- */

static void
note_time_inside(rr_race *race)
{
    if (race->config.in_turns) {
        return; /* summed by each racer, collected at the end */
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
renew_objects(rr_race *race, int64_t round)
{
    for (int64_t i = 0; i < race->per_round; i++) {
        int maker = race->config.foreign ? REFEREE : (int)i;
        (void)rr_arena_renew(race->arena, slot_of(race, round, i), race->mode,
                             &(const rr_start){.count = 1, .tid = maker + 1});
    }
}

/* Between the phases nobody has dropped anything, so the object is alive and what its
 * count lacks was lost. */
static void
count_lost_increments(rr_race *race, int64_t round)
{
    for (int64_t i = 0; i < race->per_round; i++) {
        rr_object *o = rr_arena_object(race->arena, slot_of(race, round, i));
        int64_t truth = 1 + takers_of_object(race) * race->config.hold;
        race->lost_in_take[i] = truth - rr_object_count(o, race->mode);
        race->tally.lost_increments += race->lost_in_take[i];
    }
}

/* Nobody races, so whoever owns what waits can be spoken for.  Notes how long `o`, whose
 * last reference has just gone, waits: up to its owner's queue and no further. */
static void
settle_queues(rr_race *race, rr_object *o)
{
    bool waits = o != NULL && race->mode->quiesce != NULL && !rr_object_is_freed(o);
    int64_t dropped_ns = waits ? rr_now_ns() : 0;
    for (int t = 0; t < RR_MAX_SEATS && race->mode->quiesce != NULL; t++) {
        (void)rr_threads_quiesce(race->domain, race->mode, t);
        if (waits && rr_object_is_freed(o)) {
            waits = false;
            race->tally.freed_late++;
            race->tally.late_ns += rr_now_ns() - dropped_ns;
        }
    }
}

/* The drop of the first reference, by the referee, and what became of the object. */
static void
settle_object(rr_race *race, rr_object *o, int64_t lost_increments)
{
    rr_race_tally *tally = &race->tally;
    bool early = rr_object_is_freed(o);
    int64_t drift = early ? 0 : rr_object_count(o, race->mode) - 1;

    int64_t before = rr_threads_enter(REFEREE);
    tally->dangling_uses += race->mode->decref_run(o, 1);
    rr_threads_become(before);
    settle_queues(race, o);

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
settle_round(rr_race *race, int64_t round)
{
    settle_queues(race, NULL);
    for (int64_t i = 0; i < race->per_round; i++) {
        rr_object *o = rr_arena_object(race->arena, slot_of(race, round, i));
        settle_object(race, o, race->lost_in_take[i]);
    }
    for (int t = 0; t < race->config.n_threads; t++) {
        race->tally.dangling_uses += race->racers[t].dangling_uses;
        race->racers[t].dangling_uses = 0;
    }
    race->tally.elapsed_ns = rr_now_ns() - race->began_ns;
    atomic_store_explicit(&race->settled_rounds, round + 1, memory_order_release);
}

/* All threads have ended `phase` of the round `settled_rounds`; nobody races. */
static void
between_phases(rr_race *race, rr_phase phase)
{
    int64_t round = atomic_load_explicit(&race->settled_rounds, memory_order_relaxed);
    switch (phase) {
    case PHASE_MEET:
        race->began_ns = rr_now_ns();
        renew_objects(race, 0);
        break;
    case PHASE_TAKE:
        note_time_inside(race);
        count_lost_increments(race, round);
        break;
    case PHASE_DROP:
        note_time_inside(race);
        settle_round(race, round);
        renew_objects(race, round + 1);
        break;
    }
}

/* ---- what each thread does ------------------------------------------------------ */

/* Through the barrier of the phase this racer has ended?  Arrives there first if it has
 * not yet. */
static bool
pass_barrier(rr_race *race, rr_racer *racer)
{
    if (!racer->waiting) {
        /* Read before arriving: the round cannot change until this thread has. */
        racer->round = rr_barrier_round(&race->barrier);
        racer->waiting = true;
        if (rr_barrier_arrive(&race->barrier)) {
            between_phases(race, racer->phase);
            rr_barrier_open(&race->barrier);
        }
    }
    if (rr_barrier_round(&race->barrier) == racer->round) {
        return false;
    }
    racer->waiting = false;
    return true;
}

static void
enter_next_phase(rr_race *race, rr_racer *racer, int thread)
{
    racer->phase = racer->phase == PHASE_TAKE ? PHASE_DROP : PHASE_TAKE;
    racer->done = 0;
    int64_t round = atomic_load_explicit(&race->settled_rounds, memory_order_relaxed);
    int64_t mine = race->config.shared ? 0 : thread;
    racer->object = rr_arena_object(race->arena, slot_of(race, round, mine));
    for (uint64_t i = rr_rng_next(&racer->rng) & JITTER_MASK; i > 0; i--) {
        rr_relax();
    }
    racer->inside.begin = rr_now_ns();
}

static bool
is_over(rr_race *race)
{
    return atomic_load_explicit(&race->stopped, memory_order_relaxed) ||
           rr_race_progress(race) >= race->config.n_objects;
}

static rr_race_turn
advance_as_self(rr_race *race, int thread, int64_t budget)
{
    rr_racer *racer = &race->racers[thread];
    while (true) {
        if (racer->phase == PHASE_MEET || racer->done == race->config.hold) {
            if (!pass_barrier(race, racer)) {
                return is_over(race) ? RR_TURN_DONE : RR_TURN_WAIT;
            }
            if (is_over(race)) {
                return RR_TURN_DONE;
            }
            enter_next_phase(race, racer, thread);
        }
        int64_t left = race->config.hold - racer->done;
        int64_t n = left < budget ? left : budget;
        racer->dangling_uses += racer->phase == PHASE_TAKE
                                    ? race->mode->incref_run(racer->object, n)
                                    : race->mode->decref_run(racer->object, n);
        racer->done += n;
        budget -= n;
        if (racer->done == race->config.hold) {
            racer->inside.end = rr_now_ns();
        }
        else {
            return is_over(race) ? RR_TURN_DONE : RR_TURN_AGAIN;
        }
    }
}

static rr_race_turn
advance(rr_race *race, int thread, int64_t budget)
{
    int64_t before = rr_threads_enter(thread);
    rr_race_turn turn = advance_as_self(race, thread, budget);
    rr_threads_become(before);
    return turn;
}

rr_race_turn
rr_race_advance(rr_race *race, int thread, int64_t budget)
{
    if (!race->config.in_turns) {
        rr_race_turn turn = advance(race, thread, budget);
        rr_mode_rest(race->mode, race->domain);
        return turn;
    }
    rr_racer *racer = &race->racers[thread];
    int64_t begin = rr_now_ns();
    bool met = atomic_fetch_add_explicit(&race->n_inside, 1, memory_order_relaxed) > 0;
    rr_race_turn turn = advance(race, thread, budget);
    rr_mode_rest(race->mode, race->domain);
    met |= atomic_fetch_sub_explicit(&race->n_inside, 1, memory_order_relaxed) > 1;
    int64_t took = rr_now_ns() - begin;
    racer->turn_ns += took;
    racer->crowded_turn_ns += met ? took : 0;
    return turn;
}

void
rr_race_pause(rr_race *race, int thread)
{
    rr_racer *racer = &race->racers[thread];
    for (int i = 0; i < PAUSE_SPINS + PAUSE_YIELDS; i++) {
        if (!racer->waiting || rr_barrier_round(&race->barrier) != racer->round ||
            atomic_load_explicit(&race->stopped, memory_order_relaxed)) {
            return;
        }
        if (i < PAUSE_SPINS) {
            rr_relax();
        }
        else {
            rr_yield();
        }
    }
}

void
rr_race_stop(rr_race *race)
{
    atomic_store_explicit(&race->stopped, true, memory_order_relaxed);
}

int64_t
rr_race_progress(const rr_race *race)
{
    return atomic_load_explicit(&race->settled_rounds, memory_order_acquire);
}

void
rr_race_tally_of(const rr_race *race, rr_race_tally *out)
{
    *out = race->tally;
    if (race->config.in_turns) {
        for (int t = 0; t < race->config.n_threads; t++) {
            out->busy_ns += race->racers[t].turn_ns;
            out->crowded_ns += race->racers[t].crowded_turn_ns;
        }
    }
}
