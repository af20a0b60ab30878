/* first_state.c -- what is in the words of a state when a run begins. */
#include "machine/internal.h"

enum { NOBODY = -1 };

int
rr_maker_of(const rr_program *p, int32_t object)
{
    for (int32_t i = 0; i < p->n_holds; i++) {
        if (p->holds[i].owning && p->holds[i].object == object) {
            return p->holds[i].thread;
        }
    }
    return NOBODY;
}

static rr_progress
begin_shared(rr_machine *m)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    for (int32_t i = 0; i < p->n_cells; i++) {
        m->w[l->cells + i] = p->cells[i].initial;
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const rr_container *c = &p->containers[i];
        if (c->room >= 0) {
            rr_progress progress = rr_begin_block(m, i);
            if (progress != RR_RAN) {
                return progress;
            }
            continue;
        }
        m->w[l->containers[i]] = c->n_items;
        for (int32_t k = 0; k < c->n_items; k++) {
            m->w[l->containers[i] + 1 + k] = p->items[c->first_item + k];
        }
    }
    for (int32_t i = 0; i < p->n_objects; i++) {
        const rr_template *t = &p->templates[p->objects[i].type];
        rr_object_words(m, i)[RR_OBJECT_STATUS] =
            t->kind == RR_COUNTED_MEMORY ? RR_ALIVE | rr_tracked_if(t)
                                         : RR_ALIVE | RR_UNCOUNTED;
        rr_progress progress = rr_begin_count(m, i, p->objects[i].count,
                                              rr_maker_of(p, i), m->begins_shared[i]);
        if (progress != RR_RAN) {
            return progress;
        }
        for (int32_t f = 0; f < t->n_fields; f++) {
            m->w[l->objects[i].first_field + f] =
                p->fields[t->first_field + f].initial;
        }
    }
    return RR_RAN;
}

static void
begin_threads(rr_machine *m)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    for (int t = 0; t < p->n_threads; t++) {
        bool runs = m->only < 0 || m->only == t;
        m->w[l->threads[t].base + RR_THREAD_DEPTH] = runs ? 1 : 0;
        if (!runs && l->threads[t].left >= 0) {
            m->w[l->threads[t].left] = 1;
        }
        if (runs && m->mode->arrive != NULL) {
            rr_model_arrive(m, t);
        }
        for (int i = 0; runs && i < l->threads[t].n_interrupts; i++) {
            m->w[l->threads[t].interrupts + RR_INTERRUPT_LEFT + i] =
                p->interrupts[l->threads[t].first_interrupt + i].times;
        }
    }
    for (int32_t i = 0; i < p->n_holds; i++) {
        const rr_hold *h = &p->holds[i];
        if (m->only < 0 || m->only == h->thread) {
            m->w[rr_frame_of(l, h->thread, 0) + RR_FRAME_LOCALS + h->local] =
                rr_word_of_object(h->object);
        }
    }
}

rr_progress
rr_begin_state(rr_machine *m)
{
    rr_progress progress = begin_shared(m);
    begin_threads(m);
    return progress;
}
