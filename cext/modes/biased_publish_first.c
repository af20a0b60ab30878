/* biased_publish_first.c -- biased, but a merge publishes, then clears the owner.
 *
 * Claim         BROKEN: after the compare-and-swap any thread may drop the last reference
 *               and free the object, and the merge still writes to it.  It takes three
 *               threads: the owner, one that makes it merge, and one that drops the last
 *               reference.  Two are enough if the one that made it merge does try_incref.
 * Follows       CPython before gh-119999: Objects/object.c, _Py_ExplicitMergeRefcount,
 *               which cleared ob_ref_local and ob_tid after the compare-and-swap.
 * State         as biased.c.
 * Steps         as biased.c; a merge clears last.
 * Memory order  as biased.c.
 * Invariant     as biased.c, unless a thread drops the last reference during a merge.
 */
#define RR_BIASED(name) rr_biased_publish_first_##name
#define RR_BIASED_OWN_MERGE

#include "modes/biased_family.h"

RR_MODE_CARD(biased_publish_first, .place = 18, .claim = RR_BROKEN,
    .title = "biased, merged too early",
    .summary =
        "biased, but a merge gives the object up before it clears the owner's fields",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits = "a thread that drops the last reference before those fields are cleared",
    .source = "CPython before gh-119999: Objects/object.c, _Py_ExplicitMergeRefcount");

static RR_RARE int64_t
RR_BIASED(merge)(rr_object *o, int64_t extra)
{
    int64_t local = rc_load_relaxed(&o->ob_refcnt), count;
    if (rr_is_immortal_local(local)) {
        return local;
    }
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        count = rr_shared_count(shared) + local + extra;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  count * RR_SHARED_ONE + RR_SHARED_MERGED));
    /* Another thread may free the object here. */
    rc_store_relaxed(&o->ob_refcnt, 0);
    rc_store_relaxed(&o->ob_tid, 0);
    return count;
}

RR_MODE_TABLE(biased_publish_first, RR_BIASED_WORDS,
              .quiesce = rr_biased_publish_first_quiesce,
              .leave = rr_biased_publish_first_leave,
              .resurrect_end = rr_biased_publish_first_resurrect_end);

#undef RR_BIASED
