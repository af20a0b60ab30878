/* per_thread.c -- each thread counts in a word of its own; the sum is known only while
 * all threads are stopped.
 *
 * Claim         CORRECT for counting by any thread.  A borrowed reference is valid until
 *               the next collapse and no longer.  Nothing is freed before a collapse,
 *               because no thread can see that a count is zero or one.
 * Follows       CPython 3.14 without a GIL: Include/internal/pycore_object.h,
 *               _Py_THREAD_INCREF_OBJECT; Python/uniqueid.c; Python/gc_free_threading.c
 *               sums up with the world stopped.  Linux: lib/percpu-refcount.c.  CPython
 *               merges a thread's counts when it ends, because it frees the array; here
 *               they stay in place until the collapse, which does not change the sum.
 * State         ob_refcnt: the references at the last collapse; one lane per thread: its
 *               increments minus its decrements since then.
 * Steps         incref 2, decref 2, try_incref 3.
 * Memory order  only its own thread writes a lane, so it is relaxed.  A collapse runs
 *               while all other threads are stopped, which orders what they did.
 * Invariant     ob_refcnt plus all lanes equals the references; ob_refcnt is 0 only for
 *               dead objects.
 */
#include "modes/mode.h"

RR_MODE_CARD(per_thread, .place = 21, .claim = RR_CORRECT,
    .title = "a count per thread",
    .summary = "each thread counts in a word of its own; a collapse adds them up",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: count = the number of references at the last collapse; "
        RR_LAYOUT_LANES
        "lane: net = increments minus decrements of a thread since the last collapse",
    .limits =
        "a borrowed reference kept across a collapse; and nothing is freed before one",
    .source = "CPython 3.14: Python/uniqueid.c; Linux: lib/percpu-refcount.c");

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

/* An object without references can still be taken until a collapse finds that out. */
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
    (void)rc_load_relaxed(&o->ob_refcnt); /* ignored: the sum is not known */
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
              .needs_attached_owner = true, .protects_reads = true,
              .count_of = rr_per_thread_count_of, .collapse = rr_per_thread_collapse);
