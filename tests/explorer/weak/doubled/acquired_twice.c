/* acquired_twice.c -- a decrement that acquires, and a fence behind it that does too
 *
 * Claim         CORRECT, with one order more than it needs.
 * Follows       counts that were made stronger to be safe
 * State         ob_refcnt: the number of references.
 * Steps         every operation 1.
 * Memory order  as atomic.c, but the decrement acquires, as the fence does.
 * Invariant     ob_refcnt equals the number of references after every step.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(acquired_twice, .claim = RR_CORRECT,
    .title = "a decrement that acquires, and a fence behind it",
    .summary = "as atomic, with one memory order more than it needs",
    .incref_steps = 1, .decref_steps = 1,
    .layout = "ob_refcnt: count = the number of references, in one atomic word",
    .source = "counts that were made stronger to be safe");

static inline void
rr_acquired_twice_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_acquired_twice_decref(rr_object *o)
{
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_acquired_twice_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_acquired_twice_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(acquired_twice, RR_COUNT_IS_A_CELL);
