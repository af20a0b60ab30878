/* hooks.c -- the mode's work for one thread or for all: when it is due, and what
 * follows. */
#include "machine/internal.h"

bool
rr_has_hook(const rr_machine *m, int op)
{
    return (op == RR_OP_QUIESCE && m->mode->quiesce != NULL) ||
           (op == RR_OP_DETACH && m->mode->detach != NULL) ||
           (op == RR_OP_ATTACH && m->mode->attach != NULL);
}

/* A hook that has more work is called again. */
rr_progress
rr_complete_hook(rr_machine *m, int32_t *frame)
{
    bool collapses = m->op == RR_OP_LEAVE && m->mode->collapse != NULL &&
                     m->thread == m->program->n_threads;
    rr_forget_reads(m);
    if (m->answer == 0) {
        switch (m->op) {
        case RR_OP_DETACH:
        case RR_OP_ATTACH:
            rr_set_detached(m, m->thread, m->op == RR_OP_DETACH);
            if (m->op == RR_OP_ATTACH) {
                rr_order_replacements(m, false);
            }
            frame[RR_FRAME_PLACE]++;
            break;
        case RR_OP_QUIESCE:
            m->passes_quiescence = true;
            frame[RR_FRAME_PLACE]++;
            break;
        default:
            rr_pop(m, m->thread);
            break;
        }
        if (collapses) {
            m->w[m->layout.threads[m->thread].base + RR_THREAD_DEPTH] = 1;
            frame[RR_FRAME_PLACE] = RR_COLLAPSES;
        }
    }
    return m->is_dealloc ? rr_destroy(m, m->thread, m->object) : RR_RAN;
}

