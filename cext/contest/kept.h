/* kept.h -- all that a mode keeps where other threads can see it: what natives are set to
 * before a bout, and the machine is held to after it.
 *
 * A mode that keeps something else beside its locks needs it here, in kept.c and in
 * natives.c, and nowhere else in a contest.  Include it after the backend was chosen.
 */
#ifndef RR_KEPT_H
#define RR_KEPT_H

#include <string.h>

#include "modes/mode.h"
#include "program/program.h"

/* With the one that settles. */
enum { RR_MOST_KEPT_THREADS = RR_MAX_PROGRAM_THREADS + 1 };

/* Of an object; what a mode does not keep is 0. */
typedef struct rr_kept {
    rr_words words; /* without the sum of lanes */
    int64_t queue;  /* of the thread whose queue it is in, as ob_tid; 0: of none */
    int64_t lanes[RR_MOST_KEPT_THREADS][RR_MAX_LANES];
} rr_kept;

/* Of the threads themselves. */
typedef struct rr_kept_by_threads {
    uint64_t closed; /* those that nothing is pushed for any more: bits */
    uint64_t detached; /* where the mode keeps that; likewise */
    int64_t epoch;
    int64_t announced[RR_MOST_KEPT_THREADS];
} rr_kept_by_threads;

/* Of everything. */
typedef struct rr_scene {
    rr_kept_by_threads threads;
    rr_kept *objects;
    int n_objects;
} rr_scene;

static inline bool
rr_kept_is_same(const rr_kept *a, const rr_kept *b)
{
    return a->words.refcnt == b->words.refcnt && a->words.shared == b->words.shared &&
           a->words.tid == b->words.tid && a->queue == b->queue &&
           memcmp(a->lanes, b->lanes, sizeof a->lanes) == 0;
}

static inline bool
rr_kept_by_threads_is_same(const rr_kept_by_threads *a, const rr_kept_by_threads *b)
{
    return a->closed == b->closed && a->detached == b->detached && a->epoch == b->epoch &&
           memcmp(a->announced, b->announced, sizeof a->announced) == 0;
}

#endif
