/* add_then_undo.c -- try_incref adds, checks the old value, undoes the addition.
 *
 * Claim         BROKEN: between the addition and the undo a dead object has the count of
 *               a live one, so a second try_incref succeeds on it.  It takes one thread
 *               that drops the last reference, perhaps one of these, and two that try at
 *               the same time.  A single try_incref is always correct.  incref, decref
 *               and unique are those of atomic.
 * Follows       Netty, AbstractReferenceCounted.retain before issue 8563: an addition
 *               that is undone.  The fix was to count in even numbers.
 * State         ob_refcnt: the number of references plus the additions not yet undone.
 * Steps         incref, decref, unique 1; try_incref 1, or 2 when it fails.
 * Memory order  as atomic.c; the undo is relaxed, because no reference was taken.
 * Invariant     none at zero: on a dead object ob_refcnt exceeds the number of references
 *               by the attempts that have not been undone yet.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(add_then_undo, .place = 8, .claim = RR_BROKEN,
    .title = "add, check, undo",
    .summary =
        "atomic, but try_incref adds 1 first and subtracts it again if the count was 0",
    .incref_steps = 1, .decref_steps = 1,
    .layout =
        "ob_refcnt: count = the number of references, plus the attempts not yet undone",
    .limits = "two concurrent try_increfs of a dead object: one of them succeeds",
    .source = "Netty: AbstractReferenceCounted.retain before issue 8563");

static inline void
rr_add_then_undo_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_add_then_undo_decref(rr_object *o)
{
    if (rc_fetch_add_release(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_add_then_undo_try_incref(rr_object *o)
{
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, 1) == 0) {
        /* Another thread's try_incref may run here and see 1. */
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, -1);
        return false;
    }
    return true;
}

static inline bool
rr_add_then_undo_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(add_then_undo, RR_COUNT_IS_A_CELL, .tries_first = true);
