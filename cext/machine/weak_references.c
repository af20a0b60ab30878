/* weak_references.c -- cells that become null when their object dies, and the sub-programs
 * that run then.
 *
 * Under C11 each has a lock, as CPython has one for the weak references of an object.  Who
 * sets it to null holds that lock, and so does an `upgrade` that finds an object there.  So
 * they see the newest value.  What stores into it, or loads it otherwise, takes no lock.
 */
#include "machine/newest.h"

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

static rr_progress
clear_reference(rr_machine *m, int32_t *cell)
{
    int32_t null = 0, sync = m->is_weak ? m->shape.sync_of[cell - m->w] : -1;
    if (sync >= 0) {
        (void)rr_synchronise(m, sync, true, false, false);
    }
    rr_progress progress = rr_access_newest(m, cell, RR_STORES, RC_SEQ_CST, &null);
    if (sync >= 0 && progress == RR_RAN) {
        (void)rr_synchronise(m, sync, false, true, false);
        m->seen.order = RC_SEQ_CST;
        m->seen.has_order = true;
    }
    return progress;
}

rr_progress
rr_clear_weak_references(rr_machine *m, int object, int32_t *callbacks)
{
    rr_progress progress = RR_RAN;
    int nth = 0; /* of the cells that have a callback */
    for (int32_t i = 0; i < m->program->n_cells && progress == RR_RAN; i++) {
        bool calls = m->program->cells[i].callback >= 0;
        if (is_weak_to(m, i, object)) {
            progress = clear_reference(m, &m->w[m->layout.cells + i]);
            *callbacks |= calls ? INT32_C(1) << nth : 0;
        }
        nth += calls;
    }
    return progress;
}

rr_progress
rr_load_weak_reference(rr_machine *m, int32_t location, int32_t *word)
{
    const rr_wish wish = {
        .kind = RR_WANTS_VALUE, .order = RC_SEQ_CST, .failure = RC_SEQ_CST};
    int n_picks = m->n_picks;
    m->n_picks = RR_MAX_PICKS; /* no choice */
    rr_progress progress = rr_begin_access(m, location, &wish, true);
    m->n_picks = n_picks;
    *word = m->pick.value;
    if (progress == RR_RAN && *word != 0) {
        int32_t sync = m->shape.sync_of[m->shape.word_of[location]];
        (void)rr_synchronise(m, sync, true, true, false);
    }
    return progress;
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
    int32_t callbacks = 0;
    rr_progress progress =
        rr_check_attachment(m, thread, RR_OP_FREE, rr_word_of_object(object));
    if (progress == RR_RAN) {
        progress = rr_clear_weak_references(m, object, &callbacks);
    }
    return progress == RR_RAN ? rr_push_callbacks(m, thread, callbacks) : progress;
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
