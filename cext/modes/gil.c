/* gil.c -- plain counts under one lock that a thread keeps between operations.
 *
 * Claim         CORRECT for counting.  No deadlock: no thread waits for anything else
 *               inside an operation.  It does not protect borrowed references.
 * Follows       CPython, Python/ceval_gil.c, take_gil and drop_gil.  A waiting thread
 *               requests the lock after an interval.  The holder releases it between two
 *               operations, and takes it again only after another has had it.
 * State         ob_refcnt: the number of references; one lock for all objects: its
 *               holder, and whether another thread requests it.
 * Steps         as unlocked, plus one if the lock comes from another thread: incref and
 *               decref 2, try_incref 2 (1 when it fails), unique 1.
 * Memory order  relaxed for the count: taking the lock orders the accesses after those of
 *               the previous holder.
 * Invariant     whenever no thread is inside an operation, every ob_refcnt equals its
 *               number of references.
 * Differs       the interpreter checks for a request between bytecodes; this mode checks
 *               between counting operations.  In both, a thread that ends or waits for
 *               something else releases the lock.  In the explorer, a thread outside an
 *               operation releases it to any other thread at once, because the switch
 *               interval may have passed at any moment.
 */
#include "modes/mode.h"

RR_MODE_CARD(gil, .place = 16, .claim = RR_CORRECT,
    .title = "a lock kept until requested",
    .summary =
        "plain counts under one lock, which a thread keeps until another requests it",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        RR_LAYOUT_COUNT
        "; domain.gil: lock = one for all objects, with its holder and a request flag",
    .limits =
        "a borrowed reference; and threads that share no objects still take turns of "
        "5 ms",
    .source = "CPython: Python/ceval_gil.c, take_gil and drop_gil");

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
