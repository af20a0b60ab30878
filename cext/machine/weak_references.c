/* weak_references.c -- cells that become null when their object dies, and the sub-programs
 * that run then.
 */
#include "machine/internal.h"

static bool
is_weak_to(const rr_machine *m, int32_t cell, int object)
{
    return m->program->cells[cell].weak &&
           m->w[m->layout.cells + cell] == rr_word_of_object(object);
}

bool
rr_has_weak_reference(const rr_machine *m, int object)
{
    if (!m->layout.has_weak || rr_status_of(m, object) == RR_FREED) {
        return false;
    }
    for (int32_t i = 0; i < m->program->n_cells; i++) {
        if (is_weak_to(m, i, object)) {
            return true;
        }
    }
    return false;
}

int32_t
rr_clear_weak_references(rr_machine *m, int object)
{
    int32_t callbacks = 0;
    int nth = 0; /* of the cells that have a callback */
    for (int32_t i = 0; i < m->program->n_cells; i++) {
        bool calls = m->program->cells[i].callback >= 0;
        if (is_weak_to(m, i, object)) {
            m->w[m->layout.cells + i] = 0;
            callbacks |= calls ? INT32_C(1) << nth : 0;
        }
        nth += calls;
    }
    return callbacks;
}

rr_progress
rr_push_callbacks(rr_machine *m, int thread, int32_t callbacks)
{
    return callbacks == 0 ? RR_RAN : rr_push_work(m, thread, RR_CALLS_BACK, callbacks);
}

rr_progress
rr_clear_weak_step(rr_machine *m, int thread, int object)
{
    static const rr_instr clear = {
        .op = RR_OP_CLEAR_WEAK, .result = -1, .statement = -1};
    m->seen.instr = &clear;
    m->seen.place = RR_PLACE_PAYLOAD;
    m->seen.object = object;
    m->seen.begins = m->seen.completes = true;
    rr_progress progress =
        rr_check_attachment(m, thread, RR_OP_FREE, rr_word_of_object(object));
    return progress == RR_RAN
               ? rr_push_callbacks(m, thread, rr_clear_weak_references(m, object))
               : progress;
}

/* The callbacks run in the order of the declarations. */
rr_progress
rr_call_next_back(rr_machine *m, int thread, int32_t *frame)
{
    int32_t *left = &frame[RR_FRAME_LOCALS];
    int nth = 0;
    for (int32_t i = 0; i < m->program->n_cells && *left != 0; i++) {
        int32_t callback = m->program->cells[i].callback;
        if (callback >= 0 && *left & INT32_C(1) << nth++) {
            *left &= ~(INT32_C(1) << (nth - 1));
            return rr_call(m, thread, callback, 0, 0);
        }
    }
    rr_pop(m, thread);
    return RR_RAN;
}
