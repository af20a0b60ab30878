/* rr_gap.h -- widened gaps: between two accesses of one operation a native thread may
 * wait until other threads have made some.
 *
 * build_widened.c compiles the modes with these gaps: there each primitive of
 * rc_mem_native.h calls RR_GAP() before its access.  In the other builds RR_GAP() is
 * empty.  The code that runs operations sets rr_gap_self, and calls
 * rr_gap_end_operation() after each operation, so that there is no gap before the first
 * access of the next one.
 *
 * A wait changes when an access happens, never what it does, so every result is one that
 * the mode can also produce without gaps.  Every wait is bounded, so a thread may wait
 * with a lock held.
 */
#ifndef RR_GAP_H
#define RR_GAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rr_alloc.h"
#include "base/rr_rng.h"

/* A loaded library finds a thread-local variable by a call at each use, which costs more
 * than the count.  glibc has room for a few that are found without a call. */
#if defined(__GLIBC__)
#define RC_FOUND_FAST __attribute__((tls_model("initial-exec")))
#else
#define RC_FOUND_FAST
#endif

enum { RR_MAX_GAP_THREADS = 64 };

/* Stand in for a number of accesses.  Others wait for a smaller number, not for a
 * larger. */
#define RR_GAP_EXPECTED INT64_C(-1)
#define RR_GAP_GOING INT64_C(0)
#define RR_GAP_AWAY INT64_MAX

/* The threads that wait for one another.  All fields are accessed relaxed: they must
 * order nothing, because that could hide a missing order in the mode. */
typedef struct rr_gaps {
    /* Accesses so far, by all threads. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t n_steps;
    /* No thread waits any more; any thread may set it. */
    _Atomic bool is_over;
    int n_threads; /* written while no thread counts */
    /* The number of accesses that each thread waits for, or RR_GAP_GOING.  RR_GAP_AWAY:
     * it waits for a lock or makes no accesses now, so no thread waits for it.
     * RR_GAP_EXPECTED: it makes none now, but may soon; a thread that has waited for it
     * in vain changes this to RR_GAP_AWAY. */
    _Atomic int64_t waits_for[RR_MAX_GAP_THREADS];
} rr_gaps;

/* A thread waits in one of this many gaps, on average; 1: in each. */
typedef int32_t rr_gap_odds;

/* One thread's part; that thread alone reads and writes it. */
typedef struct rr_gap_thread {
    rr_gaps *gaps;
    int number; /* 0 to n_threads - 1 */
    rr_rng rng;
    rr_gap_odds odds;
    bool is_between; /* the current operation has made an access */
    /* How long the thread still sleeps in gaps while it is alone, so that others can
     * come; 0: it no longer waits when alone. */
    int64_t patience_ns;
    int64_t waits;   /* gaps in which this thread waited for another */
    int64_t met;     /* those in which another thread made an access meanwhile */
} rr_gap_thread;

/* The running thread's part; NULL: its gaps are not widened. */
#ifdef RC_LOADED
/* A mode in a library of its own asks the core (library/library.h). */
rr_gap_thread **rr_gap_self_address(void);
#define rr_gap_self (*rr_gap_self_address())
#else
extern _Thread_local rr_gap_thread *rr_gap_self RC_FOUND_FAST;
#endif

/* Prepares for n threads (up to RR_MAX_GAP_THREADS) that count the same objects.
 * pre: none of them counts yet. */
void rr_gaps_begin(rr_gaps *gaps, int n_threads);

/* The thread makes no access for now; rr_gap_enter ends that. */
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

/* Ends all gaps in which threads wait, and all later ones. */
void rr_gaps_end(rr_gaps *gaps);

/* The out-of-line part of RR_GAP.  pre: rr_gap_self is not NULL. */
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

/* Around a wait for a lock that another thread holds. */
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
