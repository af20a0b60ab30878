/* atomic.c -- one word, one atomic read-modify-write per operation.
 *
 * Claim         CORRECT for counting.  It does not protect borrowed references: nothing
 *               keeps the memory readable between copying a pointer and counting it.
 * Follows       Boost.Atomic, reference counting example; Rust's Arc.
 * State         ob_refcnt: the number of references.
 * Steps         every operation 1.
 * Memory order  incref: relaxed.  The caller holds a reference, so the object cannot die
 *               meanwhile, and an increment publishes nothing.
 *               decref: release, so that this thread's accesses happen before the object
 *               is freed; the thread that frees it adds an acquire fence.
 *               try_incref: acquire, because the caller held no reference before.
 * Invariant     ob_refcnt equals the number of references after every step.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(atomic, .place = 4, .claim = RR_CORRECT,
    .title = "atomic operations",
    .summary = "one word; each operation is one atomic read-modify-write",
    .incref_steps = 1, .decref_steps = 1,
    .layout = "ob_refcnt: count = the number of references, in one atomic word",
    .limits = "a borrowed reference: the object may be freed before the increment",
    .source = "Boost.Atomic, reference counting example; Rust's alloc::sync::Arc");

static inline void
rr_atomic_incref(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
rr_atomic_decref(rr_object *o)
{
    if (rc_fetch_add_release(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_atomic_try_incref(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
rr_atomic_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

RR_MODE_TABLE(atomic, RR_COUNT_IS_A_CELL);
