/* asleep.c -- threads that do not count for a while, and those that are kept so.
 *
 * Whether a thread is attached is a word of its own, there where the program detaches: in
 * any other every thread is, always.
 */
#include "program/access.h"

bool
rr_machine_has_detached(const rr_machine *m, int thread)
{
    int32_t word = m->layout.threads[thread].attachment;
    return word >= 0 && m->w[word] != RR_ATTACHED;
}

bool
rr_machine_runs_beside(const rr_machine *m, int thread)
{
    if (!rr_machine_has_detached(m, thread)) {
        return false;
    }
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t place = m->w[rr_frame_of(&m->layout, thread, depth - 1) + RR_FRAME_PLACE];
    return place < 0 ||
           rr_instr_at(m, thread, depth - 1, place)->op != RR_OP_ATTACH;
}

void
rr_set_detached(rr_machine *m, int thread, bool is_detached)
{
    int32_t *word = &m->w[m->layout.threads[thread].attachment];
    /* A hook may have done it, and another thread have suspended this one since. */
    if (!is_detached || *word == RR_ATTACHED) {
        *word = is_detached ? RR_DETACHED : RR_ATTACHED;
    }
}

/* Where the mode does nothing then. */
rr_progress
rr_asleep_step(rr_machine *m, int thread, int op)
{
    rr_progress progress = rr_check_attachment(m, thread, op);
    if (progress == RR_RAN) {
        rr_set_detached(m, thread, op == RR_OP_DETACH);
    }
    m->seen.place = RR_PLACE_ATTACHMENT;
    m->seen.index = thread;
    return progress;
}

rr_progress
rr_check_attachment(rr_machine *m, int thread, int op)
{
    bool is_attached = !rr_machine_has_detached(m, thread);
    return op == RR_OP_ATTACH && is_attached    ? rr_misused(m, RR_MISUSE_ATTACHED)
           : op != RR_OP_ATTACH && !is_attached ? rr_misused(m, RR_MISUSE_NOT_ATTACHED)
                                                : RR_RAN;
}

bool
rr_any_suspended(rr_machine *m)
{
    for (int t = 0; t < m->program->n_threads; t++) {
        int32_t word = m->layout.threads[t].attachment;
        if (word >= 0 && m->w[word] == RR_SUSPENDED) {
            m->waits_on = -1;
            return true;
        }
    }
    return false;
}

/* The word; -1: there is none. */
static int32_t
look_at(rr_machine *m, const rr_thread *thread, const rc_site *site)
{
    int index = (int)(thread - m->domain.threads);
    rr_see(m, RR_PLACE_ATTACHMENT, RC_NO_OBJECT, site);
    m->seen.index = index;
    return m->layout.threads[index].attachment;
}

/* Whoever has it suspended goes on without waiting for anything, so this is no deadlock. */
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
