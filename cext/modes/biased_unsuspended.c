/* biased_unsuspended.c -- biased_suspend, but the merging thread does not suspend the
 * detached owner first.
 *
 * Claim         BROKEN: the owner attaches in the middle of the merge, and both write its
 *               count.
 * Follows       biased_suspend.c without its first step.  Not a known bug: it is the
 *               reason why CPython's gh-157838 suspends a detached thread.
 * State         as biased_suspend.c; no thread is ever suspended.
 * Steps         as biased_suspend.c, minus the step that resumes.
 * Memory order  as biased_suspend.c, except that nothing protects the owner's count.
 * Invariant     as biased.c, as long as no owner attaches during a merge.
 */
#define RR_BIASED(name) rr_biased_unsuspended_##name
#define RR_BIASED_OWN_PUSHED
#define RR_BIASED_HAS_DETACH

#include "modes/biased_family.h"

RR_MODE_CARD(biased_unsuspended, .place = 27, .claim = RR_BROKEN,
    .title = "biased, detached owners not suspended",
    .summary =
        "biased, but a thread that queues an object of a detached owner merges without "
        "suspending the owner",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED_DETACHED,
    .limits = "an owner that attaches in the middle of a merge",
    .source = "CPython gh-157838, without the step from detached to suspended");

static inline void
RR_BIASED(pushed)(rr_object *o, rr_thread *owner)
{
    if (rc_is_detached(owner) && rc_queue_take(owner, o) &&
        RR_BIASED(merge)(o, -1) == 0) {
        rc_dealloc(o);
    }
}

RR_MODE_TABLE(biased_unsuspended, RR_BIASED_WORDS_AND_ATTACHMENT,
              .quiesce = rr_biased_unsuspended_quiesce,
              .leave = rr_biased_unsuspended_leave,
              .detach = rr_biased_unsuspended_detach,
              .attach = rr_biased_unsuspended_attach,
              .resurrect_end = rr_biased_unsuspended_resurrect_end);

#undef RR_BIASED
