/* attachment.c -- detached threads, which do not count, and suspended ones.
 *
 * If the program detaches any thread, the state has a word for each thread's attachment.
 * Otherwise every thread is attached throughout.
 */
#include "machine/access.h"

/* For modes that do nothing when a thread detaches or attaches. */
rr_progress
rr_attachment_step(rr_machine *m, int thread, int op)
{
    rr_progress progress = rr_check_attachment(m, thread, op, 0);
    if (progress == RR_RAN) {
        rr_set_detached(m, thread, op == RR_OP_DETACH);
        if (m->is_weak) {
            (void)rr_synchronise(m, m->shape.attachment_sync + thread, true, true,
                                 false);
        }
        if (op == RR_OP_ATTACH) {
            rr_order_replacements(m, false);
        }
    }
    m->seen.place = RR_PLACE_ATTACHMENT;
    m->seen.index = thread;
    return progress;
}

/* The word of a thread's attachment; -1: there is none. */
static int32_t
look_at(rr_machine *m, const rr_thread *thread, const rc_site *site)
{
    int index = (int)(thread - m->domain.threads);
    int32_t word = m->layout.threads[index].attachment;
    rr_see(m, RR_PLACE_ATTACHMENT, RC_NO_OBJECT, site);
    m->seen.index = index;
    if (word < 0 || m->w[word] != RR_SUSPENDED) {
        rr_order_attachment(m, index); /* a thread that waits orders nothing yet */
    }
    return word;
}

/* The suspending thread goes on without waiting for anything, so this is no deadlock. */
static void
wait_while_suspended(rr_machine *m, int32_t word)
{
    if (word >= 0 && m->w[word] == RR_SUSPENDED) {
        m->waits_on = -1;
        rr_leave(m, RR_WAITS);
    }
}

void
rr_model_attach(rr_thread *me, const rc_site *site)
{
    rr_machine *m = me->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    int32_t word = look_at(m, me, site);
    wait_while_suspended(m, word);
    m->w[word] = RR_ATTACHED;
}

bool
rr_model_suspend(rr_thread *owner, const rc_site *site)
{
    rr_machine *m = owner->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    int32_t word = look_at(m, owner, site);
    wait_while_suspended(m, word);
    bool is_detached = word >= 0 && m->w[word] == RR_DETACHED;
    if (is_detached) {
        m->w[word] = RR_SUSPENDED;
    }
    rr_remember(m, is_detached);
    return is_detached;
}

void
rr_model_resume(rr_thread *owner, const rc_site *site)
{
    rr_machine *m = owner->machine;
    if (rr_is_replayed(m)) {
        return;
    }
    m->w[look_at(m, owner, site)] = RR_DETACHED;
    rr_order_attachment(m, (int)(owner - m->domain.threads));
}

bool
rr_model_is_detached(rr_thread *owner, const rc_site *site)
{
    rr_machine *m = owner->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    int32_t word = look_at(m, owner, site);
    bool is_detached = word >= 0 && m->w[word] != RR_ATTACHED;
    rr_remember(m, is_detached);
    return is_detached;
}
