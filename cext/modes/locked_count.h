/* locked_count.h -- the operations of a count under a lock; the mode chooses the lock.
 *
 * Each such mode includes this once, after it has defined
 *   RR_LOCKED(name)   the mode's name for an operation
 *   RR_LOCK_OF(o)     the lock that guards o's count
 *   RR_FREES_INSIDE   if the last decref frees before it unlocks
 * and has named that lock in its table's `keeps`.
 * No include guard: every inclusion defines another mode's functions.
 */
static inline void
RR_LOCKED(incref)(rr_object *o)
{
    rc_lock(RR_LOCK_OF(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n + 1);
    rc_unlock(RR_LOCK_OF(o));
}

static inline void
RR_LOCKED(decref)(rr_object *o)
{
    rc_lock(RR_LOCK_OF(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n - 1);
#ifdef RR_FREES_INSIDE
    if (n == 1) {
        rc_dealloc(o);
    }
    rc_unlock(RR_LOCK_OF(o));
#else
    rc_unlock(RR_LOCK_OF(o));
    /* After the unlock: only one thread saw 1, and the lock is freed with the object. */
    if (n == 1) {
        rc_dealloc(o);
    }
#endif
}

static inline bool
RR_LOCKED(try_incref)(rr_object *o)
{
    rc_lock(RR_LOCK_OF(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (n != 0) {
        rc_store_relaxed(&o->ob_refcnt, n + 1);
    }
    rc_unlock(RR_LOCK_OF(o));
    return n != 0;
}

static inline int64_t
RR_LOCKED(get)(rr_object *o)
{
    rc_lock(RR_LOCK_OF(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_unlock(RR_LOCK_OF(o));
    return n;
}

static inline bool
RR_LOCKED(unique)(rr_object *o)
{
    return RR_LOCKED(get)(o) == 1;
}

static inline void
RR_LOCKED(set)(rr_object *o, int64_t n)
{
    rc_lock(RR_LOCK_OF(o));
    rc_store_relaxed(&o->ob_refcnt, n);
    rc_unlock(RR_LOCK_OF(o));
}

static inline bool
RR_LOCKED(cas)(rr_object *o, int64_t want, int64_t n)
{
    rc_lock(RR_LOCK_OF(o));
    bool as_wanted = rc_load_relaxed(&o->ob_refcnt) == want;
    if (as_wanted) {
        rc_store_relaxed(&o->ob_refcnt, n);
    }
    rc_unlock(RR_LOCK_OF(o));
    return as_wanted;
}

static inline int64_t
RR_LOCKED(add)(rr_object *o, int64_t d)
{
    rc_lock(RR_LOCK_OF(o));
    int64_t n = rc_load_relaxed(&o->ob_refcnt) + d;
    rc_store_relaxed(&o->ob_refcnt, n);
    rc_unlock(RR_LOCK_OF(o));
    return n;
}

#undef RR_COUNT_UNDER_LOCK
#define RR_COUNT_UNDER_LOCK                                                             \
    .count_get = RR_LOCKED(get), .count_set = RR_LOCKED(set),                           \
    .count_cas = RR_LOCKED(cas), .count_add = RR_LOCKED(add)
