/* biased_count.h -- the operations of a biased count.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 *
 * They call RR_BIASED(zero), where the owner's own count has come to zero, and
 * RR_BIASED(drop), for a decrement by a thread that is not the owner.
 */

static inline bool
RR_BIASED(is_mine)(rr_object *o)
{
    return RR_EXPECTED(rc_load_relaxed(&o->ob_tid) == rc_self(o));
}

static inline void
RR_BIASED(incref)(rr_object *o)
{
    if (RR_BIASED(is_mine)(o)) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        rc_store_relaxed(&o->ob_refcnt, n + 1);
    }
    else {
        (void)rc_fetch_add_relaxed(&o->ob_ref_shared, RR_SHARED_ONE);
    }
}

static inline void
RR_BIASED(decref)(rr_object *o)
{
    if (RR_BIASED(is_mine)(o)) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        rc_store_relaxed(&o->ob_refcnt, n - 1);
        if (n == 1) {
            RR_BIASED(zero)(o);
        }
    }
    else {
        RR_BIASED(drop)(o);
    }
}

/* An owner that tries an object of its own which it has dropped already finds its own
 * count at zero; CPython leaves that look out, since there no owner does that. */
static inline bool
RR_BIASED(try_incref)(rr_object *o)
{
    if (RR_BIASED(is_mine)(o)) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        if (n != 0) {
            rc_store_relaxed(&o->ob_refcnt, n + 1);
            return true;
        }
    }
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        if (shared == 0 || shared == RR_SHARED_MERGED) {
            return false;
        }
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  shared + RR_SHARED_ONE));
    return true;
}

/* Only the owner can tell, and only where no other has ever counted, nor may try to count
 * without a reference: a flag is reason enough to say no. */
static inline bool
RR_BIASED(unique)(rr_object *o)
{
    return rc_load_relaxed(&o->ob_tid) == rc_self(o) &&
           rc_load_relaxed(&o->ob_refcnt) == 1 &&
           rc_load_acquire(&o->ob_ref_shared) == 0;
}
