/* inside.h -- what a race is made of; for the files of race/ alone. */
#ifndef RR_RACE_INSIDE_H
#define RR_RACE_INSIDE_H

#include "race/race.h"

#include "arena/arena.h"
#include "base/rr_rng.h"
#include "race/barrier.h"
#include "race/overlap.h"

/* Slots for each object of a round, or two if there are many: a freed object stays in
 * quarantine for so many rounds.  One would be safe, since all threads meet between rounds;
 * more keeps the old addresses apart. */
enum { RR_QUARANTINE = 64, RR_LEAST_QUARANTINE = 2 };

_Static_assert((int)RR_MAX_THREADS <= (int)RR_MAX_INTERVALS, "one for each thread");
_Static_assert((int)RR_MAX_THREADS < (int)RR_MAX_THREAD_SLOTS, "the referee has a slot too");

typedef enum rr_phase {
    RR_PHASE_MEET, /* before the first round */
    RR_PHASE_TAKE,
    RR_PHASE_DROP,
} rr_phase;

/* One thread's place in the race; written by that thread alone, and read by the last
 * one at the barrier, which the barrier orders. */
typedef struct rr_racer {
    _Alignas(RR_CACHE_BYTES) rr_phase phase;
    bool waiting;   /* has arrived at the barrier of `round` */
    int64_t round;  /* of the barrier, when it arrived */
    int64_t done;   /* operations done in this phase, on each of its objects */
    rr_rng rng;
    rr_object *object; /* the first, if there are several */
    rr_interval inside; /* of this phase */
    int64_t dangling_uses;
    int64_t turn_ns;         /* in_turns: time in calls */
    int64_t crowded_turn_ns; /* in_turns: time in calls that met another thread */
} rr_racer;

struct rr_race {
    rr_race_config config;
    const rr_mode *mode;
    const rr_mode *round; /* its loops over several objects */
    rr_domain *domain;
    rr_arena *arena;
    rr_racer *racers;
    rr_barrier barrier;
    _Atomic bool stopped;
    _Atomic int n_inside; /* threads in rr_race_advance, for in_turns */

    /* Written by the last one at the barrier, while nobody races. */
    int64_t per_round; /* objects in a round */
    int64_t quarantine; /* rounds */
    _Atomic int64_t settled_rounds;
    int64_t began_ns;
    rr_race_tally tally;
    int64_t *lost_in_take; /* increments, for each object of this round */
};

/* The number of whoever is last at the barrier, in what he does for all. */
static inline int
rr_race_referee(const rr_race *race)
{
    return race->config.n_threads;
}

/* Of an object of a round, in the arena. */
static inline int64_t
rr_race_slot(const rr_race *race, int64_t round, int64_t object)
{
    return (round % race->quarantine) * race->per_round + object;
}

/* settle.c: all threads have ended `phase` of the round `settled_rounds`.  Called by
 * the last one at the barrier, while nobody races. */
void rr_race_between_phases(rr_race *race, rr_phase phase);

#endif
