/* mode_state.h -- all that a mode keeps where other threads can see it: what
 * native_objects are set to before a batch, and the machine is held to after it.
 *
 * A mode that keeps something else beside its locks needs it here, in kept.c and in
 * native_objects.c, and nowhere else in a conformance.  Include it after the backend was
 * chosen.
 */
#ifndef RR_MODE_STATE_H
#define RR_MODE_STATE_H

#include <string.h>

#include "modes/mode.h"
#include "program/program.h"

/* With the one that settles. */
enum { RR_MOST_KEPT_THREADS = RR_MAX_PROGRAM_THREADS + 1 };

/* Of an object; what a mode does not keep is 0. */
typedef struct rr_mode_state {
    rr_words words; /* without the sum of lanes */
    int64_t queue;  /* of the thread whose queue it is in, as ob_tid; 0: of none */
    int64_t lanes[RR_MOST_KEPT_THREADS][RR_MAX_LANES];
} rr_mode_state;

/* Of the threads themselves. */
typedef struct rr_threads_state {
    uint64_t closed;   /* those that nothing is pushed for any more: bits */
    uint64_t detached; /* where the mode keeps that; likewise */
    int64_t epoch;
    int64_t announced[RR_MOST_KEPT_THREADS];
} rr_threads_state;

/* Of everything. */
typedef struct rr_snapshot {
    rr_threads_state threads;
    rr_mode_state *objects;
    int n_objects;
} rr_snapshot;

static inline bool
rr_mode_state_is_same(const rr_mode_state *a, const rr_mode_state *b)
{
    return a->words.refcnt == b->words.refcnt && a->words.shared == b->words.shared &&
           a->words.tid == b->words.tid && a->queue == b->queue &&
           memcmp(a->lanes, b->lanes, sizeof a->lanes) == 0;
}

static inline bool
rr_mode_state_by_threads_is_same(const rr_threads_state *a, const rr_threads_state *b)
{
    return a->closed == b->closed && a->detached == b->detached && a->epoch == b->epoch &&
           memcmp(a->announced, b->announced, sizeof a->announced) == 0;
}

#endif
