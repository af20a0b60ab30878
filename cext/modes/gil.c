/* gil.c -- plain counts under one lock that a thread keeps from one operation to the next.
 *
 * Claim         CORRECT for counting, and no deadlock: nobody waits for anything else while
 *               inside an operation.  Not against a borrowed reference.
 * Follows       CPython, Python/ceval_gil.c, take_gil and drop_gil: a thread that waits
 *               asks for the lock after a switch interval; the holder gives it up between
 *               two operations, and comes back only when another has had it.
 * State         ob_refcnt: the number of references; one lock of all objects: who has it,
 *               and whether another asks for it.
 * Steps         as unlocked, one more where the lock comes from another thread: incref and
 *               decref 2, try_incref 2 (1 when it fails), unique 1.
 * Memory order  taking the lock orders the accesses of whoever had it before, so the count
 *               itself is relaxed.
 * Invariant     whenever no thread is inside an operation, every ob_refcnt equals its
 *               number of references.
 * Differs       the interpreter looks between bytecodes whether it is asked, here it is
 *               between counting operations.  A thread that ends, or waits for something
 *               else, gives the lock up in both; in the explorer a thread that is not
 *               inside an operation gives it up to anyone at once, since at any moment the
 *               interval may have passed.
 */
#include "modes/mode.h"

static inline void
rr_gil_incref(rr_object *o)
{
    rc_take_gil(rr_global_gil(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n + 1);
}

static inline void
rr_gil_decref(rr_object *o)
{
    rc_take_gil(rr_global_gil(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n - 1);
    if (n == 1) {
        rc_dealloc(o);
    }
}

static inline bool
rr_gil_try_incref(rr_object *o)
{
    rc_take_gil(rr_global_gil(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (n != 0) {
        rc_store_relaxed(&o->ob_refcnt, n + 1);
    }
    return n != 0;
}

static inline int64_t
rr_gil_get(rr_object *o)
{
    rc_take_gil(rr_global_gil(o));
    return rc_load_relaxed(&o->ob_refcnt);
}

static inline bool
rr_gil_unique(rr_object *o)
{
    return rr_gil_get(o) == 1;
}

static inline void
rr_gil_set(rr_object *o, int64_t n)
{
    rc_take_gil(rr_global_gil(o));
    rc_store_relaxed(&o->ob_refcnt, n);
}

static inline bool
rr_gil_cas(rr_object *o, int64_t want, int64_t n)
{
    rc_take_gil(rr_global_gil(o));
    bool as_wanted = rc_load_relaxed(&o->ob_refcnt) == want;
    if (as_wanted) {
        rc_store_relaxed(&o->ob_refcnt, n);
    }
    return as_wanted;
}

static inline int64_t
rr_gil_add(rr_object *o, int64_t d)
{
    rc_take_gil(rr_global_gil(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt) + d;
    rc_store_relaxed(&o->ob_refcnt, n);
    return n;
}

static inline void
rr_gil_rest(rr_domain *domain)
{
    rc_leave_gil(&domain->gil);
}

RR_MODE_TABLE(gil, .keeps = RR_KEEPS_GIL, .rest = rr_gil_rest, .count_get = rr_gil_get,
              .count_set = rr_gil_set, .count_cas = rr_gil_cas,
              .count_add = rr_gil_add);
