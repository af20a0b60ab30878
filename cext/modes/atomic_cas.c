/* atomic_cas.c -- one word; every operation is a compare-and-swap loop.
 *
 * Claim         CORRECT for counting.  It does not protect borrowed references, and it is
 *               not wait-free: a thread can fail each time another succeeds.
 * Follows       Swift, stdlib/public/SwiftShims/RefCount.h: increments and decrements of
 *               its 64-bit word by compare-and-swap.
 * State         ob_refcnt: the number of references.
 * Steps         incref and decref 2 (a load and a compare-and-swap), plus 1 for each
 *               compare-and-swap that fails; unique 1.  try_incref 1: its loop is a
 *               single step, as in every mode, so that a step which finds an object
 *               through a slot and counts it, such as `upgrade`, is not split in two.
 * Memory order  incref: relaxed, because the caller holds a reference.  decref: release,
 *               and acquire in the thread that frees, as in atomic.c.  try_incref:
 *               acquire, because the caller held no reference before.  The load is
 *               relaxed: the swap succeeds only if the loaded value is still there.
 * Invariant     ob_refcnt equals the number of references after every step.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(atomic_cas, .place = 5, .claim = RR_CORRECT,
    .title = "compare-and-swap loops",
    .summary = "one word; each operation retries a compare-and-swap until it succeeds",
    .incref_steps = 2, .decref_steps = 2,
    .layout = "ob_refcnt: count = the number of references, in one atomic word",
    .limits =
        "a borrowed reference; and an operation may lose every attempt to other "
        "threads",
    .source =
        "Swift: stdlib/public/SwiftShims/RefCount.h, increments by compare-and-swap");

static inline void
rr_atomic_cas_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    while (!rc_cas_weak_relaxed(&o->ob_refcnt, &n, n + 1)) {
        /* The failed compare-and-swap has reloaded n. */
    }
}

static inline void
rr_atomic_cas_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    while (!rc_cas_weak_release(&o->ob_refcnt, &n, n - 1)) {
        /* The failed compare-and-swap has reloaded n. */
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
