/* free_by_second_load.c -- decrements atomically, then loads the count to check for zero.
 *
 * Claim         BROKEN: if two threads both decrement before either loads, both see zero
 *               and both free the object.  Everything else is as in atomic.
 * Follows       Netflix/vmaf before pull request 1368, and godotengine/godot before pull
 *               request 31932: a decrement followed by a separate load.  Both fixes use
 *               the value that the decrement returns.
 * State         ob_refcnt: the number of references.
 * Steps         incref, try_incref, unique 1; decref 2.
 * Memory order  as atomic.c, with an acquire load instead of the fence.
 * Invariant     ob_refcnt equals the number of references after every step.  The bug is
 *               in the decision to free: the load is not tied to one decrement.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(free_by_second_load, .place = 9, .claim = RR_BROKEN,
    .title = "decrement, then load",
    .summary =
        "atomic, but decref frees the object if a second load finds the count at 0",
    .incref_steps = 1, .decref_steps = 2,
    .layout = "ob_refcnt: count = the number of references, in one atomic word",
    .limits = "two concurrent decrefs: both see 0, and both free the object",
    .source = "Netflix/vmaf before pull request 1368; godot before pull request 31932");

static inline void
rr_free_by_second_load_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_free_by_second_load_decref(rr_object *o)
{
    (void)rc_fetch_add_release(&o->ob_refcnt, -1);
    /* Another thread may decrement here. */
    if (rc_load_acquire(&o->ob_refcnt) == 0) {
        rc_dealloc(o);
    }
}

static inline bool
rr_free_by_second_load_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_free_by_second_load_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(free_by_second_load, RR_COUNT_IS_A_CELL);
