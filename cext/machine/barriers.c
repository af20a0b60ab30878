/* barriers.c -- `wait B`: a thread waits until as many threads as B needs have arrived.
 *
 * The statement is three instructions: one to arrive, one that is never enabled, and one
 * to go on.  A thread that waits stands at the second; the step of the last one to arrive
 * moves all of them to the third.  So a barrier has no word of its own in a state: its
 * word among the locks stays 0, and names it in reports and among what orders steps.
 */
#include "machine/internal.h"

typedef void visit_frame(int32_t *frame, void *what);

/* Calls `visit` with every frame that stands where threads wait at this barrier. */
static void
each_that_waits(rr_machine *m, int32_t barrier, visit_frame *visit, void *what)
{
    for (int t = 0; t < m->layout.n_threads; t++) {
        int depth = m->w[m->layout.threads[t].base + RR_THREAD_DEPTH];
        for (int d = 0; d < depth; d++) {
            int32_t *frame = m->w + rr_frame_of(&m->layout, t, d);
            int32_t place = frame[RR_FRAME_PLACE];
            const rr_instr *in = place < 0 ? NULL : rr_instr_at(m, t, d, place);
            if (in != NULL && in->op == RR_OP_BARRIER_WAIT && in->p[1] == barrier) {
                visit(frame, what);
            }
        }
    }
}

static void
count_frame(int32_t *frame, void *what)
{
    (void)frame;
    ++*(int32_t *)what;
}

static void
move_on(int32_t *frame, void *what)
{
    (void)what;
    frame[RR_FRAME_PLACE]++;
}

static rr_progress
order_barrier(rr_machine *m, int32_t word, bool releases)
{
    return m->is_weak
               ? rr_synchronise(m, m->shape.sync_of[word], true, releases, false)
               : RR_RAN;
}

/* The place is behind the instruction already. */
rr_progress
rr_barrier_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int32_t word = m->layout.locks[in->p[1]], n_waiting = 0;
    m->seen.place = RR_PLACE_LOCK;
    m->seen.index = in->p[1];
    switch (in->op) {
    case RR_OP_WAIT:
        frame[RR_FRAME_PLACE]--; /* it does not wait yet */
        each_that_waits(m, in->p[1], count_frame, &n_waiting);
        frame[RR_FRAME_PLACE]++;
        if (n_waiting + 1 < in->p[2]) {
            m->seen.completes = false;
        } else {
            frame[RR_FRAME_PLACE] += 2;
            each_that_waits(m, in->p[1], move_on, NULL);
        }
        return order_barrier(m, word, true);
    case RR_OP_BARRIER_WAIT:
        m->waits_on = word;
        return RR_WAITS;
    default:
        m->seen.instr = in - 2; /* the same statement */
        m->seen.begins = false;
        return order_barrier(m, word, false);
    }
}
