/* inside.h -- the data of a race; for the files of race/ only. */
#ifndef RR_RACE_INSIDE_H
#define RR_RACE_INSIDE_H

#include "race/race.h"

#include "arena/arena.h"
#include "base/rr_rng.h"
#include "mem/rr_gap.h"
#include "race/barrier.h"
#include "race/overlap.h"

/* Slots are renewed in turn: a freed object stays in quarantine for as many rounds as
 * there are slots for, minus those of one batch.  One round would be safe, since all
 * threads meet between batches; more keeps old addresses apart.  Lanes need far more
 * memory than the objects, and are searched as a list, so modes with lanes have fewer
 * slots; likewise if a round has many objects. */
enum {
    RR_MOST_ROUNDS = 2048,
    RR_FEWEST_ROUNDS = 64,
    RR_LEAST_ROUNDS = 2,
    RR_MOST_SLOTS = 2048,
};

/* The range of rr_racer.spins. */
enum { RR_FEWEST_SPINS = 16, RR_MOST_SPINS = 2048 };

_Static_assert((int)RR_MAX_THREADS <= (int)RR_MAX_INTERVALS, "one for each thread");
_Static_assert((int)RR_MAX_THREADS <= (int)RR_MAX_GAP_THREADS, "one for each thread");
_Static_assert((int)RR_MAX_THREADS < (int)RR_MAX_THREAD_SLOTS, "the referee has a slot too");

typedef enum rr_phase {
    RR_PHASE_MEET, /* before the first round */
    RR_PHASE_TAKE,
    RR_PHASE_DROP,
} rr_phase;

/* One thread's part of the race.  Only that thread writes it; the last one at the barrier
 * reads it, and the barrier orders this. */
typedef struct rr_racer {
    _Alignas(RR_CACHE_BYTES) rr_phase phase;
    bool waiting;   /* has arrived at the barrier of `round` */
    int64_t round;  /* of the barrier, when it arrived */
    int spins;      /* turns that it spins at a barrier before it yields its core */
    int64_t n_groups;   /* of its batch, each of `together` objects; 0 before the first */
    int64_t group_done; /* groups done in this phase */
    int64_t done;   /* operations done on each object of the current group */
    rr_rng rng;
    rr_gap_thread gap;
    rr_object *object; /* the first of the group */
    rr_interval inside; /* of this phase */
    int64_t dangling_uses;
    int64_t turn_ns;         /* in_turns: time in calls */
    int64_t crowded_turn_ns; /* in_turns: time in calls that met another thread */
    rr_race_stretch *stretches; /* n_stretches of them, or NULL */
    int64_t n_kept;
    int64_t since_kept; /* operations since the last stretch */
} rr_racer;

struct rr_race {
    rr_race_config config;
    const rr_mode *mode;
    const rr_mode *round; /* the loops over several objects */
    rr_domain *domain;
    rr_arena *arena;
    rr_racer *racers;
    rr_barrier barrier;
    rr_gaps gaps;
    _Atomic bool stopped;
    _Atomic int n_inside; /* threads in rr_race_advance, for in_turns */

    /* Written by the last thread at the barrier, while no other races. */
    int64_t per_round; /* objects in a round */
    int64_t n_rounds;  /* rounds that there are slots for */
    int64_t batch;     /* rounds between two meetings, 1 to n_rounds / 2 */
    int64_t batch_began_ns;
    int64_t busy_before_ns; /* tally.busy_ns when the batch began */
    _Atomic int64_t settled_rounds;
    int64_t began_ns;
    rr_race_tally tally;
    int64_t *lost_in_take; /* lost increments of each object of this batch */
};

/* The thread number of the last one at the barrier, while it works for all. */
static inline int
rr_race_referee(const rr_race *race)
{
    return race->config.n_threads;
}

/* An object of a round. */
static inline rr_object *
rr_race_object(const rr_race *race, int64_t round, int64_t object)
{
    return rr_arena_object(race->arena,
                           (round % race->n_rounds) * race->per_round + object);
}

/* Rounds settled so far.  Acquire: what was tallied for them before is visible. */
static inline int64_t
rr_race_settled(const rr_race *race)
{
    return atomic_load_explicit(&race->settled_rounds, memory_order_acquire);
}

/* stretches.c: keeps the time of `racer` inside since its last stretch; only its own thread
 * may call it. */
void rr_race_keep_stretch(const rr_race *race, rr_racer *racer, rr_interval inside);

/* settle.c: all threads have ended `phase` of the batch that begins with round
 * `settled_rounds`.  The last one at the barrier calls it, while no other races. */
void rr_race_between_phases(rr_race *race, rr_phase phase);

/* batch.c: sets the number of rounds of the next batch, which begins now.  Called
 * likewise; `ended_ns`: when the last batch ended, 0 before the first. */
void rr_race_begin_batch(rr_race *race, int64_t ended_ns);

#endif
