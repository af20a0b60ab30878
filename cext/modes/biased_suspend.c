/* biased_suspend.c -- biased, and whoever drops something of a sleeper's merges it instead.
 *
 * Claim         CORRECT for counting, whoever counts.  Not against a borrowed reference,
 *               and in time only where the owner is asleep: what others drop last while it
 *               is attached waits for it to come by, or to detach.
 * Follows       CPython gh-157838: whoever queues an object of a detached thread
 *               moves that from detached to suspended, as a stopped world does, merges its
 *               queue, resumes it, and deallocates then, outside of the queue's lock.
 * State         as biased.c; and whether a thread is attached, detached or suspended.
 * Steps         as biased.c; to drop what goes to the queue of a sleeper takes 8 more; to
 *               detach 1, and 6 for each object that was in the queue; to attach 1.
 * Memory order  as biased.c.  The owner's count is read by another thread while the owner is
 *               suspended: to detach releases it, to suspend acquires it, and so the other
 *               way round on the way back.
 * Invariant     as biased.c; and the queue of a detached thread holds only what somebody is
 *               about to take out of it: a thread detaches in the step that finds its queue
 *               empty, and who puts something in there looks at the owner after that.
 * Differs       each takes out what it has put in, and nothing else, where CPython sees to
 *               the whole queue: it lets a thread fall asleep with a queue that is not empty.
 */
#define RR_BIASED(name) rr_biased_suspend_##name
#define RR_BIASED_OWN_PUSHED
#define RR_BIASED_HAS_DETACH

#include "modes/biased_family.h"

/* The owner is resumed before the object's life ends: its finaliser may wait for the owner.
 * Once pushed, the object may be freed at any time, so nothing of it is read before it has
 * been taken back. */
static inline void
RR_BIASED(pushed)(rr_object *o, rr_thread *owner)
{
    if (!rc_suspend(owner)) {
        return;
    }
    bool is_dead = rc_queue_take(owner, o) && RR_BIASED(merge)(o, -1) == 0;
    rc_resume(owner);
    if (is_dead) {
        rc_dealloc(o);
    }
}

RR_MODE_TABLE(biased_suspend, RR_BIASED_WORDS_AND_ATTACHMENT,
              .quiesce = rr_biased_suspend_quiesce,
              .leave = rr_biased_suspend_leave,
              .detach = rr_biased_suspend_detach,
              .attach = rr_biased_suspend_attach);

#undef RR_BIASED
