/* atomic_cas.c -- one word; every operation a loop around a compare-and-swap.
 *
 * Claim         CORRECT for counting.  Not against a borrowed reference, and not
 *               wait-free: a thread can lose attempt after attempt to others.
 * Follows       Swift, stdlib/public/SwiftShims/RefCount.h: increments and decrements
 *               of its 64-bit word by compare-and-swap.
 * State         ob_refcnt: the number of references.
 * Steps         incref and decref 2 (a load, an attempt) and 1 for each attempt that
 *               another thread's came before; unique 1.  try_incref 1, its loop taken
 *               as one as in every mode: a step that finds an object through a slot and
 *               counts it, as `upgrade` does, is then not cut in two.
 * Memory order  incref: relaxed, since the caller holds a reference.  decref: release,
 *               and acquire for the one thread that frees, as in atomic.c.  try_incref:
 *               acquire, since the caller held nothing before.  The load is relaxed
 *               everywhere: an attempt on what it saw succeeds only if that still holds.
 * Invariant     ob_refcnt equals the number of references after every step.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

static inline void
rr_atomic_cas_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    while (!rc_cas_weak_relaxed(&o->ob_refcnt, &n, n + 1)) {
        /* n is now what came in between */
    }
}

static inline void
rr_atomic_cas_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    while (!rc_cas_weak_release(&o->ob_refcnt, &n, n - 1)) {
        /* n is now what came in between */
    }
    if (n == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_atomic_cas_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_atomic_cas_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(atomic_cas, RR_COUNT_IS_A_CELL);
