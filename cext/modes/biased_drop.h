/* biased_drop.h -- a decrement by a thread that is not the owner.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 *
 * It calls RR_BIASED(queue) where the shared count would fall below zero, so that the
 * reference that is dropped is among the owner's.
 */
static inline void
RR_BIASED(drop)(rr_object *o)
{
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), now;
    bool goes_below;
    do {
        goes_below = shared == 0 || shared == RR_SHARED_MAYBE_TRIED;
        now = goes_below ? RR_SHARED_QUEUED : shared - RR_SHARED_ONE;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, now));
    if (goes_below) {
        RR_BIASED(queue)(o);
    }
    else if (now == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}
