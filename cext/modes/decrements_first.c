/* decrements_first.c -- each thread buffers its increments and decrements, and applies
 * them at its own quiescent points, regardless of the other threads' buffers.
 *
 * Claim         BROKEN: a decrement is applied while an increment that was made before it
 *               is still in another thread's buffer.
 * Follows       L. Hastings, the Gilectomy's buffered counts, 2017, without its rule: all
 *               increments of an epoch before any of its decrements.  Levanoni, Petrank,
 *               "An on-the-fly reference counting garbage collector", OOPSLA 2001.
 * State         ob_refcnt: what has been applied; one lane per thread: its buffer.
 * Steps         incref 2, decref 2.
 * Memory order  as in deferred.  What this mode lacks is deferred's pin, which shows that
 *               a thread has something to apply.
 * Invariant     ob_refcnt plus all lanes equals the references.  But ob_refcnt alone
 *               decides whether to free, and it may be 0 while the sum is not.
 */
#include "modes/mode.h"

RR_MODE_CARD(decrements_first, .place = 24, .claim = RR_BROKEN,
    .title = "buffered, unordered",
    .summary =
        "each thread buffers its changes and applies them at its own quiescent points",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: count = the changes applied so far; " RR_LAYOUT_LANES
        "lane: buffer = increments minus decrements of a thread, not yet applied",
    .limits =
        "an increment still in a buffer while another thread's decrement is applied",
    .source = "Hastings, Gilectomy, 2017; Levanoni, Petrank, OOPSLA 2001");

static inline void
rr_decrements_first_add(rr_object *o, int64_t d)
{
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, n + d);
}

static inline void
rr_decrements_first_incref(rr_object *o)
{
    rr_decrements_first_add(o, 1);
}

static inline void
rr_decrements_first_decref(rr_object *o)
{
    rr_decrements_first_add(o, -1);
}

static inline bool
rr_decrements_first_try_incref(rr_object *o)
{
    if (rc_load_acquire(&o->ob_refcnt) == 0) {
        return false;
    }
    rr_decrements_first_add(o, 1);
    return true;
}

static inline bool
rr_decrements_first_unique(rr_object *o)
{
    (void)rc_load_relaxed(&o->ob_refcnt); /* ignored: the sum is not known */
    return false;
}

static bool
rr_decrements_first_apply(rr_thread *me)
{
    rr_object *o = rc_lane_next(me, 0);
    if (o == NULL) {
        return false;
    }
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, 0);
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, n) + n == 0) {
        rc_dealloc(o);
    }
    return true;
}

static inline int64_t
rr_decrements_first_count_of(const rr_words *words)
{
    return words->refcnt + words->lanes;
}

RR_MODE_TABLE(decrements_first, .keeps = RR_KEEPS_LANES, .n_lanes = 1, .settles = true,
              .count_of = rr_decrements_first_count_of,
              .quiesce = rr_decrements_first_apply,
              .detach = rr_decrements_first_apply, .leave = rr_decrements_first_apply);
