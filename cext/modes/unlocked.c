/* unlocked.c -- one plain word: what `ob_refcnt++` means.
 *
 * Claim         BROKEN without a lock around it; correct while one thread at a time is
 *               inside, which is what the GIL is for.
 * Follows       CPython up to 3.11, Include/object.h, Py_INCREF and Py_DECREF.
 * State         ob_refcnt: the number of references.
 * Steps         incref 2, decref 2, try_incref 2 (1 when it fails), unique 1.
 * Memory order  relaxed throughout: there is no order to win.  They are atomic accesses
 *               so that the loss is one of arithmetic and never undefined behaviour.
 * Invariant     none: between load and store another thread's update can come and be
 *               overwritten.  A lost decrement leaks; a lost increment frees early.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

static inline void
rr_unlocked_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    /* Another thread may run here.  This gap is the whole bug. */
    rc_store_relaxed(&o->ob_refcnt, n + 1);
}

static inline void
rr_unlocked_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    /* The same gap. */
    rc_store_relaxed(&o->ob_refcnt, n - 1);
    if (n == 1) {
        rc_dealloc(o);
    }
}

static inline bool
rr_unlocked_try_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (n == 0) {
        return false;
    }
    rc_store_relaxed(&o->ob_refcnt, n + 1);
    return true;
}

static inline bool
rr_unlocked_unique(rr_object *o)
{
    return rc_load_relaxed(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(unlocked, RR_COUNT_IS_A_CELL);
