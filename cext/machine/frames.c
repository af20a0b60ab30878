/* frames.c -- a thread's stack: calls, interrupts, destructions; and values. */
#include "machine/internal.h"
#include "machine/stops.h"

#include <string.h>

/* ---- values --------------------------------------------------------------------- */

rr_progress
rr_evaluate(rr_machine *m, const int32_t *locals, int32_t value, int32_t *out)
{
    const rr_value *v = &m->program->values[value];
    if (v->kind == RR_VALUE_LOCAL) {
        *out = locals[v->x];
        return RR_RAN;
    }
    if (v->kind == RR_VALUE_CONSTANT) {
        *out = v->x;
        return RR_RAN;
    }
    int32_t left = 0, right = 0;
    (void)rr_evaluate(m, locals, v->x, &left); /* plain values: nothing can fail */
    (void)rr_evaluate(m, locals, v->y, &right);
    if (!rr_is_integer(left) || !rr_is_integer(right)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t sign = v->kind == RR_VALUE_SUM ? 1 : -1;
    int64_t n = rr_integer_of(left) + sign * rr_integer_of(right);
    if (n > RR_MAX_INTEGER || n < -RR_MAX_INTEGER) {
        return rr_misused(m, RR_MISUSE_TOO_LARGE);
    }
    *out = rr_word_of_integer(n);
    return RR_RAN;
}

/* ---- frames --------------------------------------------------------------------- */

static rr_progress
push(rr_machine *m, int thread, int32_t **frame)
{
    int32_t *depth = &m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (*depth >= RR_MAX_DEPTH) {
        return rr_misused(m, RR_MISUSE_TOO_DEEP);
    }
    if (*depth > m->layout.capacity[RR_CAPACITY_FRAMES]) {
        return rr_needs_more(m, RR_CAPACITY_FRAMES);
    }
    ++*depth;
    *frame = rr_top_frame(m, thread);
    return RR_RAN;
}

void
rr_note_depth(rr_machine *m, int thread)
{
    const rr_thread_layout *t = &m->layout.threads[thread];
    int32_t depth = m->w[t->base + RR_THREAD_DEPTH];
    if (t->interrupts < 0) {
        return;
    }
    int32_t *words = m->w + t->interrupts;
    if (depth == 0) { /* none comes any more */
        memset(words, 0, (size_t)(RR_INTERRUPT_LEFT + t->n_interrupts) * sizeof *words);
    }
    else if (words[RR_INTERRUPT_DEPTH] > depth) {
        words[RR_INTERRUPT_DEPTH] = 0;
    }
}

void
rr_pop(rr_machine *m, int thread)
{
    int32_t *depth = &m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t n = *depth == 1 ? m->layout.threads[thread].n_first_locals + RR_FRAME_LOCALS
                            : m->layout.frame_words;
    memset(rr_top_frame(m, thread), 0, (size_t)n * sizeof *m->w);
    --*depth;
    rr_note_depth(m, thread);
}

/* All words beyond a thread's top frame are zero, so a new frame's locals are null. */
rr_progress
rr_call(rr_machine *m, int thread, int body, int32_t arg, int32_t self)
{
    const rr_body *b = &m->program->bodies[body];
    int32_t *frame;
    rr_progress progress = push(m, thread, &frame);
    if (progress == RR_RAN) {
        frame[RR_FRAME_PLACE] = b->base - m->first_deep;
        if (b->arg >= 0) {
            frame[RR_FRAME_LOCALS + b->arg] = arg;
        }
        if (b->self >= 0) {
            frame[RR_FRAME_LOCALS + b->self] = self;
        }
    }
    return progress;
}

bool
rr_machine_can_interrupt(const rr_machine *m, int thread, int nth)
{
    const rr_thread_layout *t = &m->layout.threads[thread];
    if (nth >= t->n_interrupts || m->w[t->base + RR_THREAD_DEPTH] == 0) {
        return false;
    }
    const int32_t *words = m->w + t->interrupts;
    int32_t place = rr_top_frame(m, thread)[RR_FRAME_PLACE];
    return words[RR_INTERRUPT_LEFT + nth] > 0 && words[RR_INTERRUPT_MASKED] == 0 &&
           words[RR_INTERRUPT_DEPTH] == 0 && place > RR_LEAVES &&
           !rr_is_inside_operation(m, thread) && !rr_is_between_locks(m, thread) &&
           rr_may_be_interrupted_now(m, thread) &&
           !rr_machine_has_detached(m, thread);
}

rr_progress
rr_interrupt_thread(rr_machine *m, int thread, int nth)
{
    static const rr_instr comes = {.op = RR_OP_INTERRUPT, .result = -1, .statement = -1};
    const rr_thread_layout *t = &m->layout.threads[thread];
    if (!rr_machine_can_interrupt(m, thread, nth)) {
        return RR_NOTHING;
    }
    m->seen.instr = &comes;
    m->seen.index = t->first_interrupt + nth;
    m->seen.begins = m->seen.completes = true;
    m->w[t->interrupts + RR_INTERRUPT_LEFT + nth]--;
    m->w[t->interrupts + RR_INTERRUPT_DEPTH] = m->w[t->base + RR_THREAD_DEPTH] + 1;
    rr_resume_for_interrupt(m, thread);
    return rr_call(m, thread, m->program->interrupts[m->seen.index].body, 0, 0);
}

rr_progress
rr_push_work(rr_machine *m, int thread, int32_t place, int32_t word)
{
    int32_t *frame;
    rr_progress progress = push(m, thread, &frame);
    if (progress == RR_RAN) {
        frame[RR_FRAME_PLACE] = place;
        frame[RR_FRAME_LOCALS] = word;
    }
    return progress;
}

rr_progress
rr_push_destruction(rr_machine *m, int thread, int object)
{
    return rr_push_work(m, thread, RR_DESTROY_BEGUN, object);
}
