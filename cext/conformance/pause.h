/* pause.h -- which threads pause in a widened round, and until when.
 *
 * A pausing thread goes on when all others wait, have ended or pause too, and it is the
 * first of those that pause.  It never waits for a fixed time, so a round follows its
 * plan on a busy machine too.
 */
#ifndef RR_PAUSE_H
#define RR_PAUSE_H

#include "conformance/plan.h"

/* After so many steps of others a pause is over, and the others wait until the thread has
 * moved: they may be in a loop that only this thread can end. */
enum { RR_LONGEST_PAUSE = 400 };

/* Guarded by the lock of the round. */
typedef struct rr_pauses {
    rr_plan plan;
    uint64_t paused; /* threads, as bits */
    uint32_t spent;  /* pauses of the plan that are over, as bits */
    int n_waiting;
    int queue[RR_MAX_PROGRAM_THREADS]; /* pausing threads, the next to go on first */
    int64_t began_at[RR_MAX_PROGRAM_THREADS]; /* steps of the round when a pause, or a
                                               * wait for company, began */
    int64_t n_moves[RR_MAX_PROGRAM_THREADS];  /* of this round, or of the last one */
    int mover;                                /* the last thread that moved */
    int64_t n_in_a_row;
} rr_pauses;

#endif
