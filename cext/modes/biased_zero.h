/* biased_zero.h -- the owner's own count has come to zero: merge, or end.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 */
/* Nothing shared, not even a flag: then nobody else can come by any more.  The acquire is
 * for what others did before they dropped theirs.  Otherwise the owner gives the object up
 * before the compare-and-swap, after which another thread may free it. */
static RR_RARE void
RR_BIASED(zero)(rr_object *o)
{
    if (rc_load_acquire(&o->ob_ref_shared) == 0) {
        rc_dealloc(o);
        return;
    }
    rc_store_relaxed(&o->ob_tid, 0);
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), merged;
    do {
        merged = shared | RR_SHARED_MERGED;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, merged));
    if (merged == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}
