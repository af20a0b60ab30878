/* rr_gap.h -- widened gaps: between two accesses of one operation a native thread may
 * wait until other threads have made some.
 *
 * This is for the third reading of the modes, build_widened.c.  There each primitive of
 * rc_mem_native.h calls RR_GAP() before its access; in the other readings that is nothing.
 * Whoever runs operations sets rr_gap_self, and calls rr_gap_end_operation() after each
 * operation: so there is no gap before the first access of the next one.
 *
 * A wait changes when an access happens, never what it does, so every result is one that
 * the mode can give by itself.  Every wait is bounded, so a lock may be held in a gap.
 */
#ifndef RR_GAP_H
#define RR_GAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rr_alloc.h"
#include "base/rr_rng.h"

/* A thread's own variable of a loaded library is found by a call at each use, which costs
 * more than the count.  glibc keeps room for a few that are found without one. */
#if defined(__GLIBC__)
#define RC_FOUND_FAST __attribute__((tls_model("initial-exec")))
#else
#define RC_FOUND_FAST
#endif

enum { RR_MAX_GAP_THREADS = 64 };

/* In place of a number of accesses: what is less is waited for, and what is more is not. */
#define RR_GAP_EXPECTED INT64_C(-1)
#define RR_GAP_GOING INT64_C(0)
#define RR_GAP_AWAY INT64_MAX

/* The threads that wait for one another.  All fields are relaxed: they order nothing, so
 * that they cannot hide a missing order of the mode. */
typedef struct rr_gaps {
    /* Accesses so far, by all threads. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t n_steps;
    /* Nobody waits any more; any thread may set it. */
    _Atomic bool is_over;
    int n_threads; /* written while nobody counts */
    /* For how many accesses each thread waits, or RR_GAP_GOING.  RR_GAP_AWAY: it waits for
     * a lock, or makes none at present, so nobody waits for it.  RR_GAP_EXPECTED: it makes
     * none now, but may soon; who has waited for it in vain makes it RR_GAP_AWAY. */
    _Atomic int64_t waits_for[RR_MAX_GAP_THREADS];
} rr_gaps;

/* In 1 of how many gaps a thread waits, on average; 1: in each. */
typedef int32_t rr_gap_odds;

/* One thread's part; that thread alone reads and writes it. */
typedef struct rr_gap_thread {
    rr_gaps *gaps;
    int number; /* 0 to n_threads - 1 */
    rr_rng rng;
    rr_gap_odds odds;
    bool is_between; /* an access of the present operation has been made */
    /* How long it still sleeps in gaps while nobody else is there, so that others can come;
     * 0: it waits for nobody then. */
    int64_t patience_ns;
    int64_t waits;   /* gaps in which this thread waited for another */
    int64_t met;     /* those in which another thread made an access meanwhile */
} rr_gap_thread;

/* Of the thread that runs here; NULL: no gap is widened. */
extern _Thread_local rr_gap_thread *rr_gap_self RC_FOUND_FAST;

/* n threads (up to RR_MAX_GAP_THREADS) will count at the same objects.  pre: none of them
 * does yet. */
void rr_gaps_begin(rr_gaps *gaps, int n_threads);

/* A thread makes no access for now, or goes on. */
static inline void
rr_gap_leave(rr_gap_thread *me)
{
    atomic_store_explicit(&me->gaps->waits_for[me->number], RR_GAP_AWAY,
                          memory_order_relaxed);
}

static inline void
rr_gap_enter(rr_gap_thread *me)
{
    atomic_store_explicit(&me->gaps->waits_for[me->number], RR_GAP_GOING,
                          memory_order_relaxed);
}

/* All gaps that are being waited in, and all later ones, are over at once. */
void rr_gaps_end(rr_gaps *gaps);

/* The part of RR_GAP that is not inlined.  pre: rr_gap_self is not NULL. */
void rr_gap_before_access(void);

static inline void
rr_gap_end_operation(void)
{
    rr_gap_thread *me = rr_gap_self;
    if (me != NULL && me->is_between) {
        me->is_between = false;
        atomic_fetch_add_explicit(&me->gaps->n_steps, 1, memory_order_relaxed);
    }
}

#ifdef RC_WIDENED

static inline void
rr_gap(void)
{
    if (rr_gap_self != NULL) {
        rr_gap_before_access();
    }
}

/* Around a wait for a lock that another thread has. */
static inline void
rr_gap_blocked(void)
{
    if (rr_gap_self != NULL) {
        rr_gap_leave(rr_gap_self);
    }
}

static inline void
rr_gap_unblocked(void)
{
    if (rr_gap_self != NULL) {
        rr_gap_enter(rr_gap_self);
    }
}

#define RR_GAP() rr_gap()
#define RR_GAP_BLOCKED() rr_gap_blocked()
#define RR_GAP_UNBLOCKED() rr_gap_unblocked()

#else

#define RR_GAP() ((void)0)
#define RR_GAP_BLOCKED() ((void)0)
#define RR_GAP_UNBLOCKED() ((void)0)

#endif

#endif
