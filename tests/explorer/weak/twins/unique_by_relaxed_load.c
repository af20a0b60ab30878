/* unique_by_relaxed_load.c -- uniqueness by a relaxed load
 *
 * Claim         BROKEN under C11, and only there: a sole owner writes while another's last use is on its way.
 * Follows       the common slip in hand-written counts
 * State         ob_refcnt: the number of references.
 * Steps         every operation 1.
 * Memory order  as atomic.c, but for the one order that is too weak.
 * Invariant     ob_refcnt equals the number of references after every step.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(unique_by_relaxed_load, .claim = RR_BROKEN,
    .title = "uniqueness by a relaxed load",
    .summary = "as atomic, with one memory order that is too weak",
    .incref_steps = 1, .decref_steps = 1,
    .layout = "ob_refcnt: count = the number of references, in one atomic word",
    .limits = "only C11 shows it: a sole owner writes while another's last use is on its way.",
    .source = "the common slip in hand-written counts");

static inline void
rr_unique_by_relaxed_load_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_unique_by_relaxed_load_decref(rr_object *o)
{
    if (rc_fetch_add_release(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_unique_by_relaxed_load_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_unique_by_relaxed_load_unique(rr_object *o)
{
    return rc_load_relaxed(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(unique_by_relaxed_load, RR_COUNT_IS_A_CELL);
