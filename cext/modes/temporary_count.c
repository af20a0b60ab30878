/* temporary_count.c -- gives a dying object a count for as long as its finaliser runs.
 *
 * Claim         BROKEN: while the finaliser runs under its temporary count, a try_incref of
 *               another thread finds a live object; then the memory is freed all the same,
 *               which that thread holds.  Everything else is as in atomic.
 * Follows       Cython before issue 7769, CPython gh-127582: Py_SET_REFCNT(o, 1) around a
 *               finaliser; both mended by telling the dying object from a live one.
 * State         ob_refcnt: the number of references; 1 of a dying object, to the end.
 * Steps         incref, try_incref, unique 1; decref 1, and 2 if it was the last.
 * Memory order  as atomic.c; the temporary count is relaxed, for it was thought private.
 * Invariant     none at zero: ob_refcnt is 1 both of an object that has a reference and of
 *               one that is about to be freed.
 * Differs       what follows subtracts the temporary count before it frees, without looking
 *               at what is left; the subtraction is left out here, for nothing reads it.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

static inline void
rr_temporary_count_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_temporary_count_decref(rr_object *o)
{
    if (rc_fetch_add_release(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_store_relaxed(&o->ob_refcnt, 1);
        /* Another thread may try from here on, while the finaliser runs, and succeed. */
        rc_dealloc(o);
    }
}

static inline bool
rr_temporary_count_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_temporary_count_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(temporary_count, RR_COUNT_IS_A_CELL);
