/* kept.c -- what the machine's state says that a mode keeps. */
#include "contest/bout.h"

rr_kept
rr_kept_in_model(const rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    rr_kept kept = {.closed = 0};
    if (object >= 0) {
        kept.words = rr_machine_words(m, m->w, object);
        if (l->queue_offset >= 0) {
            kept.queue = m->w[l->objects[object].base + l->queue_offset + RR_QUEUE_OF];
        }
    }
    for (int t = 0; t < l->n_threads; t++) {
        if (l->threads[t].left >= 0 && m->w[l->threads[t].left] != 0) {
            kept.closed |= UINT64_C(1) << t;
        }
    }
    return kept;
}
