/* temporary_count.c -- gives a dying object a count while its finaliser runs.
 *
 * Claim         BROKEN: while the finaliser runs under the temporary count, another
 *               thread's try_incref finds a live object.  The memory is then freed
 *               although that thread holds a reference.  Everything else is as in atomic.
 * Follows       Cython before issue 7769, CPython gh-127582: Py_SET_REFCNT(o, 1) around a
 *               finaliser.  Both fixes distinguish a dying object from a live one.
 * State         ob_refcnt: the number of references; 1 for a dying object.
 * Steps         incref, try_incref, unique 1; decref 1, or 2 for the last reference.
 * Memory order  as atomic.c; the temporary count is relaxed: it was thought private.
 * Invariant     none at zero: ob_refcnt is 1 both for an object with one reference and
 *               for one that is about to be freed.
 * Differs       Cython and CPython subtract the temporary count before they free, without
 *               checking the rest.  This mode omits the subtraction: nothing reads it.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(temporary_count, .place = 13, .claim = RR_BROKEN,
    .title = "temporary count",
    .summary = "atomic, but a dying object has a count of 1 while its finaliser runs",
    .incref_steps = 1, .decref_steps = 1,
    .layout = "ob_refcnt: count = the number of references, or 1 if the object is dying",
    .limits = "a try_incref while the finaliser runs: it gets a dying object",
    .source = "Cython issue 7769 (before 3.2.8); CPython gh-127582: Py_SET_REFCNT");

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
        /* While the finaliser runs, another thread's try_incref may succeed. */
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
