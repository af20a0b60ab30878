/* free_by_second_load.c -- decrements atomically, then looks whether zero was reached.
 *
 * Claim         BROKEN: two threads that both decrement before either looks both see
 *               zero, and both free.  Everything else is as in atomic.
 * Follows       Netflix/vmaf before pull request 1368, and godotengine/godot before pull
 *               request 31932: a decrement, then a look at the count; both mended by
 *               the result of the decrement.
 * State         ob_refcnt: the number of references.
 * Steps         incref, try_incref, unique 1; decref 2.
 * Memory order  as atomic.c, with an acquire load in the place of the fence.
 * Invariant     ob_refcnt equals the number of references after every step; what is
 *               broken is who frees: the load belongs to no particular decrement.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

static inline void
rr_free_by_second_load_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_free_by_second_load_decref(rr_object *o)
{
    (void)rc_fetch_add_release(&o->ob_refcnt, -1);
    /* Another thread's decrement may come here. */
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
