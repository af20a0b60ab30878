/* unlocked.c -- one word and plain `ob_refcnt++` arithmetic.
 *
 * Claim         BROKEN without a lock around it.  Correct while only one thread at a time
 *               runs an operation, which is what the GIL guarantees.
 * Follows       CPython up to 3.11, Include/object.h, Py_INCREF and Py_DECREF.
 * State         ob_refcnt: the number of references.
 * Steps         incref 2, decref 2, try_incref 2 (1 when it fails), unique 1.
 * Memory order  relaxed: no order would fix it.  The accesses are atomic so that a lost
 *               update is wrong arithmetic and not undefined behaviour.
 * Invariant     none: an update by another thread between the load and the store is
 *               overwritten.  A lost decrement leaks; a lost increment frees early.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(unlocked, .place = 1, .claim = RR_BROKEN,
    .title = "no lock",
    .summary = "one plain word; another thread can run between the load and the store",
    .incref_steps = 2, .decref_steps = 2,
    .layout = "ob_refcnt: count = the number of references, in one plain word",
    .limits = "anything another thread does between the load and the store",
    .source = "CPython up to 3.11 without its GIL: Include/object.h, Py_INCREF");

static inline void
rr_unlocked_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    /* Another thread may run here.  This gap is the bug. */
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
