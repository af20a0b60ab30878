/* mode_state.h -- everything that a mode keeps where other threads can see it.  Native
 * objects are set to it before a batch, and the machine is compared with it afterwards.
 *
 * A mode that keeps anything new besides its locks needs it here, in mode_state.c and in
 * native_objects.c, and nowhere else in a conformance.  Include this after the backend
 * has been chosen.
 */
#ifndef RR_MODE_STATE_H
#define RR_MODE_STATE_H

#include <string.h>

#include "modes/mode.h"
#include "program/program.h"

/* Including the one that settles. */
enum { RR_MOST_KEPT_THREADS = RR_MAX_PROGRAM_THREADS + 1 };

/* Of an object; a field that the mode does not keep is 0. */
typedef struct rr_mode_state {
    rr_words words; /* without the sum of lanes */
    int64_t queue;  /* the thread whose queue it is in, as in ob_tid; 0: none */
    int64_t lanes[RR_MOST_KEPT_THREADS][RR_MAX_LANES];
} rr_mode_state;

/* Of the threads themselves. */
typedef struct rr_threads_state {
    uint64_t closed;   /* threads whose queue is closed: bits */
    uint64_t detached; /* likewise, if the mode keeps the attachment */
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
