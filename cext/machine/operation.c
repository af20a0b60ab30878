/* operation.c -- runs an operation of the mode from its start, one access further.
 *
 * The operation replays the accesses it has done, does at most `n_granted` new ones, and
 * is left by a long jump at the next access (see access.h).
 */
#include "machine/access.h"

static void
operate(rr_machine *m)
{
    const rr_mode *mode = m->mode;
    rr_thread *me = &m->domain.threads[m->thread];
    rr_object *o = m->object >= 0 ? &m->objects[m->object] : NULL;
    switch (m->op) {
    case RR_OP_INCREF:
        mode->incref(o);
        break;
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
        mode->decref(o);
        break;
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
        m->answer = mode->try_incref(o);
        break;
    case RR_OP_UNIQUE:
        m->answer = mode->unique(o);
        break;
    case RR_OP_RC:
        m->answer = mode->count_get(o);
        break;
    case RR_OP_SETRC:
        mode->count_set(o, m->a);
        break;
    case RR_OP_CASRC:
        m->answer = mode->count_cas(o, m->a, m->b);
        break;
    case RR_OP_INCFETCH:
        m->answer = mode->count_add(o, 1);
        break;
    case RR_OP_IMMORTALISE:
        mode->immortalise(o);
        break;
    case RR_OP_MERGE:
        m->answer = mode->merge(o, 0);
        break;
    case RR_OP_ENABLE_TRY:
        mode->enable_try(o);
        break;
    case RR_OP_QUIESCE:
        m->answer = mode->quiesce(me);
        break;
    case RR_OP_DETACH:
        m->answer = mode->detach(me);
        break;
    case RR_OP_ATTACH:
        m->answer = mode->attach(me);
        break;
    case RR_OP_LEAVE:
        m->answer = mode->leave(me);
        break;
    case RR_OP_COLLAPSE:
        m->answer = mode->collapse(me);
        break;
    case RR_OP_DECFETCH:
        m->answer = mode->count_add(o, -1);
        break;
    default: /* resurrect_end */
        if (mode->count_add != NULL) {
            m->answer = mode->count_add(o, -1);
        }
        else if (mode->resurrect_end != NULL) {
            mode->resurrect_end(o);
        }
        else {
            mode->decref(o);
        }
        break;
    }
}

static void
begin_run(rr_machine *m, int32_t n_granted)
{
    m->cursor = 0;
    m->n_read = 0;
    m->n_granted = n_granted;
    m->has_fresh = false;
    m->is_dealloc = m->was_dealloc = m->has_acted = false;
    m->has_failed = m->has_changed = false;
}

int
rr_model_run(rr_machine *m, int32_t n_granted)
{
    begin_run(m, n_granted);
    if (RR_ENTER(*(rr_leave_buffer *)m->leave) == 0) {
        operate(m);
        return RR_LEFT_COMPLETE;
    }
    return m->left;
}

/* Runs in one piece, without a way to leave: it waits for nothing and finds nothing. */
void
rr_model_arrive(rr_machine *m, int thread)
{
    m->thread = thread;
    m->actor = thread;
    m->op = -1;
    m->object = -1;
    m->n_done = 0;
    begin_run(m, INT32_MAX);
    m->mode->arrive(&m->domain.threads[thread]);
}
