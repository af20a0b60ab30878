/* barrier.h -- where racing threads meet: arrive, then wait or come back later.
 *
 * Arriving and waiting are two calls, so that a thread that holds the GIL can arrive,
 * release the GIL, and wait without it.  The last thread to arrive does the work that
 * needs all others to be idle, then opens the next round.
 */
#ifndef RR_BARRIER_H
#define RR_BARRIER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rr_alloc.h"

typedef struct rr_barrier {
    int n_threads; /* written before the threads start */
    /* Separate cache lines: threads spin on `round` while late ones write `arrived`. */
    _Alignas(RR_CACHE_BYTES) _Atomic int arrived;
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t round;
} rr_barrier;

/* Returns whether this thread is the last of its round and must call rr_barrier_open.
 * Acquire and release: the last one sees what all others did before. */
static inline bool
rr_barrier_arrive(rr_barrier *barrier)
{
    return atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) ==
           barrier->n_threads - 1;
}

/* Begins the next round; a thread that sees it also sees what was written before. */
static inline void
rr_barrier_open(rr_barrier *barrier)
{
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&barrier->round, 1, memory_order_release);
}

static inline int64_t
rr_barrier_round(rr_barrier *barrier)
{
    return atomic_load_explicit(&barrier->round, memory_order_acquire);
}

#endif
