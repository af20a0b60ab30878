/* biased_unsuspended.c -- biased, and whoever drops something of a sleeper's merges it, but
 * does not keep the sleeper from waking up.
 *
 * Claim         BROKEN: the owner comes back in the middle of the merge, and both write its
 *               count.
 * Follows       biased_suspend.c without its first step.  No known bug: it is what CPython's
 *               gh-157838 suspends a detached thread for.
 * State         as biased_suspend.c; nobody is ever suspended.
 * Steps         as biased_suspend.c, less the one that resumes.
 * Memory order  as biased_suspend.c, but for the owner's count, which nothing protects.
 * Invariant     as biased.c where no owner comes back.
 */
#define RR_BIASED(name) rr_biased_unsuspended_##name
#define RR_BIASED_OWN_PUSHED
#define RR_BIASED_HAS_DETACH

#include "modes/biased_family.h"

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
              .attach = rr_biased_unsuspended_attach);

#undef RR_BIASED
