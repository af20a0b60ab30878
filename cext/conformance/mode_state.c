/* mode_state.c -- reads the mode's state from the machine's state. */
#include "conformance/batch.h"

rr_mode_state
rr_mode_state_in_model(const rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    const int32_t *words = m->w + l->objects[object].base;
    rr_mode_state kept = {
        .words = rr_machine_words(m, m->w, object),
        .queue = l->queue_offset >= 0 ? words[l->queue_offset + RR_QUEUE_OF] : 0,
    };
    for (int t = 0; l->n_lanes > 0 && t < l->n_threads; t++) {
        for (int i = 0; i < l->n_lanes; i++) {
            kept.lanes[t][i] = m->w[l->threads[t].lanes + object * l->n_lanes + i];
        }
    }
    return kept;
}

rr_threads_state
rr_threads_state_in_model(const rr_machine *m)
{
    const rr_layout *l = &m->layout;
    rr_threads_state kept = {.epoch = l->epoch >= 0 ? m->w[l->epoch] : 0};
    for (int t = 0; t < l->n_threads; t++) {
        if (l->threads[t].left >= 0 && m->w[l->threads[t].left] != 0) {
            kept.closed |= UINT64_C(1) << t;
        }
        if (m->mode->keeps & RR_KEEPS_ATTACHMENT && rr_machine_has_detached(m, t)) {
            kept.detached |= UINT64_C(1) << t;
        }
        if (l->threads[t].announced >= 0) {
            kept.announced[t] = m->w[l->threads[t].announced];
        }
    }
    return kept;
}

int32_t
rr_place_in_queue(const rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    return l->queue_offset < 0
               ? 0
               : m->w[l->objects[object].base + l->queue_offset + RR_QUEUE_PLACE];
}
