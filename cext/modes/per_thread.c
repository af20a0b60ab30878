/* per_thread.c -- each thread counts in a word of its own; nobody knows the sum until all
 * stand still.
 *
 * Claim         CORRECT for counting, whoever counts.  A borrowed reference is good until the
 *               next collapse and no longer.  Never in time: nothing is freed before a
 *               collapse, for no thread can see a zero, nor that a reference is the only one.
 * Follows       CPython 3.14 without a GIL: Include/internal/pycore_object.h,
 *               _Py_THREAD_INCREF_OBJECT; Python/uniqueid.c; Python/gc_free_threading.c adds
 *               up with the world stopped.  Linux: lib/percpu-refcount.c.  CPython merges a
 *               thread's counts when it ends, since its array goes; here they stay where
 *               they are until the collapse, which makes no difference to the sum.
 * State         ob_refcnt: the references at the last collapse; a lane of each thread: what
 *               it has taken since, less what it has dropped.
 * Steps         incref 2, decref 2, try_incref 3.
 * Memory order  a lane is written by its thread alone, so relaxed.  A collapse runs when all
 *               others stand still, and whatever stopped them orders what they did before.
 * Invariant     ob_refcnt plus all lanes equals the references; ob_refcnt is 0 for the dead
 *               and for nobody else.
 */
#include "modes/mode.h"

static inline void
rr_per_thread_add(rr_object *o, int64_t d)
{
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, n + d);
}

static inline void
rr_per_thread_incref(rr_object *o)
{
    rr_per_thread_add(o, 1);
}

static inline void
rr_per_thread_decref(rr_object *o)
{
    rr_per_thread_add(o, -1);
}

/* What nobody holds any more can be had until a collapse has found that out. */
static inline bool
rr_per_thread_try_incref(rr_object *o)
{
    if (rc_load_acquire(&o->ob_refcnt) == 0) {
        return false;
    }
    rr_per_thread_add(o, 1);
    return true;
}

static inline bool
rr_per_thread_unique(rr_object *o)
{
    (void)rc_load_relaxed(&o->ob_refcnt); /* whatever it is: it does not tell */
    return false;
}

static bool
rr_per_thread_collapse(rr_thread *me)
{
    rr_object *o = rc_lanes_next(me);
    if (o == NULL) {
        return false;
    }
    int64_t n = rc_lanes_take(o);
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, n) + n == 0) {
        rc_dealloc(o);
    }
    return true;
}

static inline int64_t
rr_per_thread_count_of(const rr_words *words)
{
    return words->refcnt + words->lanes;
}

RR_MODE_TABLE(per_thread, .keeps = RR_KEEPS_LANES, .n_lanes = 1, .settles = true,
              .waits_for_sleepers = true, .protects_reads = true,
              .count_of = rr_per_thread_count_of, .collapse = rr_per_thread_collapse);
