/* kept.c -- what the machine's state says that a mode keeps. */
#include "contest/bout.h"

rr_kept
rr_kept_in_model(const rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    const int32_t *words = m->w + l->objects[object].base;
    return (rr_kept){
        .words = rr_machine_words(m, m->w, object),
        .queue = l->queue_offset >= 0 ? words[l->queue_offset + RR_QUEUE_OF] : 0,
    };
}

rr_kept_by_threads
rr_kept_by_threads_in_model(const rr_machine *m)
{
    const rr_layout *l = &m->layout;
    rr_kept_by_threads kept = {.closed = 0};
    for (int t = 0; t < l->n_threads; t++) {
        if (l->threads[t].left >= 0 && m->w[l->threads[t].left] != 0) {
            kept.closed |= UINT64_C(1) << t;
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
