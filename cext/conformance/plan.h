/* plan.h -- where the threads of a widened round pause: computed from the seed.
 *
 * A pause is a chosen preemption.  A widened round is one of
 *
 *   serial    one thread runs at a time, until it ends, has to wait, or pauses.  Rounds
 *             with one pause cover each place of each thread, one after the other; then
 *             most rounds have two.  Most bugs need no more (M. Musuvathi, S. Qadeer:
 *             Iterative context bounding for systematic testing of multithreaded
 *             programs, PLDI 2007);
 *   company   a counting operation waits for another one on the same object;
 *   mixed     the same, and one thread pauses.
 */
#ifndef RR_PLAN_H
#define RR_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

typedef enum rr_plan_kind {
    RR_PLAN_ONE_PAUSE,
    RR_PLAN_TWO_PAUSES,
    RR_PLAN_COMPANY,
    RR_PLAN_MIXED,
    RR_N_PLAN_KINDS,
} rr_plan_kind;

enum { RR_MAX_PAUSES = 2, RR_PLAN_PERIOD = 8 };

/* A thread pauses before its move number `before` (at least 1), counted from 0. */
typedef struct rr_pause {
    int thread;
    int64_t before;
} rr_pause;

typedef struct rr_plan {
    rr_plan_kind kind;
    bool is_serial;
    bool has_company;
    int n_pauses;
    rr_pause pauses[RR_MAX_PAUSES];
    /* In a serial round: the order in which the threads start. */
    int order[RR_MAX_PROGRAM_THREADS];
    /* A pausing thread goes on after one other thread, not after all that pause. */
    bool is_back_soon;
} rr_plan;

/* Computes one plan after the other. */
typedef struct rr_planner {
    uint64_t seed;
    int n_threads;
    int64_t n_plans;
    int64_t n_of[RR_N_PLAN_KINDS];
} rr_planner;

/* moves: the expected number of each thread's moves in the round; 0: not known. */
rr_plan rr_planner_next(rr_planner *planner, const int64_t *moves);

#endif
