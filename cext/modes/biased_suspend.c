/* biased_suspend.c -- biased, but others merge the objects of a detached owner.
 *
 * Claim         CORRECT for counting by any thread.  It does not protect borrowed
 *               references.  An object that others drop waits while its owner is
 *               attached, until the owner quiesces or detaches.
 * Follows       CPython gh-157838: a thread that queues an object of a detached thread
 *               moves that thread from detached to suspended, as stop-the-world does,
 *               merges its queue, resumes it, then deallocates without the lock.
 * State         as biased.c, plus each thread's state: attached, detached or suspended.
 * Steps         as biased.c; to queue an object of a detached owner takes 8 more; to
 *               detach 1, plus 6 for each object in the queue; to attach 1.
 * Memory order  as biased.c.  Another thread reads the owner's count only while the owner
 *               is suspended: detaching releases it and suspending acquires it; likewise
 *               on the way back.
 * Invariant     as biased.c.  Also, the queue of a detached thread holds only objects
 *               that some thread is about to remove: a thread detaches in the step that
 *               finds its queue empty, and a push is followed by a check of the owner.
 * Differs       each thread removes only the object that it pushed.  CPython empties the
 *               whole queue, because there a thread may detach with a non-empty queue.
 */
#define RR_BIASED(name) rr_biased_suspend_##name
#define RR_BIASED_OWN_PUSHED
#define RR_BIASED_HAS_DETACH

#include "modes/biased_family.h"

RR_MODE_CARD(biased_suspend, .place = 26, .claim = RR_CORRECT,
    .title = "biased, detached owners suspended",
    .summary =
        "biased, but a thread that queues an object of a detached owner suspends the "
        "owner and merges",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED_DETACHED,
    .limits =
        "a borrowed reference; and an object whose last reference another thread "
        "drops waits for an attached owner",
    .source = "CPython gh-157838: Python/brc.c");

/* The owner is resumed before the object is freed, because a finaliser may wait for the
 * owner.  Once pushed, the object may be freed at any time, so nothing of it is read
 * until it has been removed from the queue. */
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
              .attach = rr_biased_suspend_attach,
              .resurrect_end = rr_biased_suspend_resurrect_end);

#undef RR_BIASED
