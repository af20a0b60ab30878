/* biased_merge.h -- both counts made one.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 */
/* By the owner, or by anybody once the owner has left.  Gives the references that there
 * are then, `extra` more of them than before.  The compare-and-swap comes last: after it
 * another thread may free the object. */
static RR_RARE int64_t
RR_BIASED(merge)(rr_object *o, int64_t extra)
{
    int64_t local = rc_load_relaxed(&o->ob_refcnt), count;
    rc_store_relaxed(&o->ob_refcnt, 0);
    rc_store_relaxed(&o->ob_tid, 0);
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        count = rr_shared_count(shared) + local + extra;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  count * RR_SHARED_ONE + RR_SHARED_MERGED));
    return count;
}
