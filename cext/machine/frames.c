/* frames.c -- a thread's stack: calls, destructions, and instructions on locals alone. */
#include "machine/internal.h"

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

static bool
compare(int relation, int64_t left, int64_t right)
{
    switch (relation) {
    case RR_LESS:
        return left < right;
    case RR_LESS_EQUAL:
        return left <= right;
    case RR_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}

/* p: left value, relation, right value. */
static rr_progress
test(rr_machine *m, const int32_t *locals, const int32_t *p, bool *out)
{
    int32_t left, right = 0;
    int relation = p[1] & ~RR_NEGATED;
    rr_progress progress = rr_evaluate(m, locals, p[0], &left);
    if (progress == RR_RAN && relation != RR_TRUTH) {
        progress = rr_evaluate(m, locals, p[2], &right);
    }
    if (progress != RR_RAN) {
        return progress;
    }
    bool is_true;
    if (relation == RR_TRUTH) {
        is_true = rr_is_true(left);
    }
    else if (relation == RR_EQUAL || relation == RR_UNEQUAL) {
        is_true = (left == right) == (relation == RR_EQUAL);
    }
    else if (!rr_is_integer(left) || !rr_is_integer(right)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    else {
        is_true = compare(relation, rr_integer_of(left), rr_integer_of(right));
    }
    *out = is_true != (p[1] >= RR_NEGATED);
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
    return rr_call(m, thread, m->program->interrupts[m->seen.index].body, 0, 0);
}

/* The thread enters or leaves a `masked` block. */
static void
change_mask(rr_machine *m, int thread, int by)
{
    int32_t words = m->layout.threads[thread].interrupts;
    if (words >= 0) {
        m->w[words + RR_INTERRUPT_MASKED] += by;
    }
}

rr_progress
rr_push_destruction(rr_machine *m, int thread, int object)
{
    int32_t *frame;
    rr_progress progress = push(m, thread, &frame);
    if (progress == RR_RAN) {
        frame[RR_FRAME_PLACE] = RR_DESTROY_BEGUN;
        frame[RR_FRAME_LOCALS] = object;
    }
    return progress;
}

int32_t *
rr_innermost_destruction(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    while (depth-- > 0) {
        int32_t *frame = m->w + rr_frame_of(&m->layout, thread, depth);
        if (rr_is_destruction(frame[RR_FRAME_PLACE])) {
            return frame;
        }
    }
    return NULL;
}

/* A resurrection begins and ends inside the finaliser that caused it. */
bool
rr_is_in_finaliser_of(const rr_machine *m, int thread, int object)
{
    const int32_t *frame = rr_innermost_destruction(m, thread);
    return frame != NULL && frame[RR_FRAME_LOCALS] == object;
}

/* ---- on locals alone ------------------------------------------------------------ */

static rr_progress
do_local(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t *locals = frame + RR_FRAME_LOCALS, word = 0;
    rr_progress progress = RR_RAN;
    bool is_true = false;
    switch (in->op) {
    case RR_OP_ASSIGN:
        progress = rr_evaluate(m, locals, in->p[0], &word);
        if (progress == RR_RAN && in->result >= 0) {
            locals[in->result] = word;
        }
        frame[RR_FRAME_PLACE]++;
        return progress;
    case RR_OP_MASK:
    case RR_OP_UNMASK:
        change_mask(m, thread, in->op == RR_OP_MASK ? 1 : -1);
        frame[RR_FRAME_PLACE]++;
        return RR_RAN;
    case RR_OP_JUMP:
        frame[RR_FRAME_PLACE] += in->p[0];
        return RR_RAN;
    case RR_OP_JUMP_UNLESS:
        progress = test(m, locals, in->p, &is_true);
        frame[RR_FRAME_PLACE] += is_true ? 1 : in->p[3];
        return progress;
    case RR_OP_ASSERT:
        progress = test(m, locals, in->p, &is_true);
        frame[RR_FRAME_PLACE]++;
        return progress == RR_RAN && !is_true ? rr_find(m, RR_WRONG_VALUE, -1)
                                              : progress;
    case RR_OP_CRITICAL:
    case RR_OP_CRITICAL_END:
        rr_pass_section(m, thread, in, frame);
        return RR_RAN;
    case RR_OP_STOP: /* with the GIL */
    case RR_OP_STOP_END:
    case RR_OP_NOSAFE:
    case RR_OP_NOSAFE_END:
        frame[RR_FRAME_PLACE]++;
        return RR_RAN;
    case RR_OP_CALL:
        if (in->p[1] >= 0) {
            progress = rr_evaluate(m, locals, in->p[1], &word);
        }
        frame[RR_FRAME_PLACE]++;
        return progress == RR_RAN ? rr_call(m, thread, in->p[0], word, 0) : progress;
    default: {
        bool is_end = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] == 1;
        if (is_end && rr_machine_has_detached(m, thread)) {
            return rr_misused(m, RR_MISUSE_NOT_ATTACHED);
        }
        rr_pop(m, thread);
        (void)(is_end && rr_depart(m, thread));
        return RR_RAN;
    }
    }
}

/* Starts the finaliser of the destruction on top of the stack, if it still has one to
 * run. */
static rr_progress
begin_finaliser(rr_machine *m, int thread, int32_t *frame, bool *is_at_step)
{
    int object = frame[RR_FRAME_LOCALS];
    int finaliser = rr_machine_template(m, object)->finaliser;
    bool is_new = frame[RR_FRAME_PLACE] == RR_DESTROY_BEGUN;
    frame[RR_FRAME_PLACE] = RR_DESTROY_TO_FREE;
    *is_at_step = !is_new || finaliser < 0;
    return *is_at_step ? RR_RAN
                       : rr_call(m, thread, finaliser, 0, rr_word_of_object(object));
}

rr_progress
rr_settle(rr_machine *m, int thread)
{
    const int32_t *depth = &m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    for (int i = 0; i < RR_MAX_LOCAL_STEPS; i++) {
        if (*depth == 0) {
            return RR_RAN;
        }
        int32_t *frame = rr_top_frame(m, thread);
        rr_progress progress;
        if (frame[RR_FRAME_PLACE] == RR_DESTRUCTION_OVER) {
            rr_pop(m, thread);
            continue;
        }
        if (frame[RR_FRAME_PLACE] <= RR_LEAVES) {
            return RR_RAN;
        }
        if (frame[RR_FRAME_PLACE] < 0) {
            bool is_at_step;
            progress = begin_finaliser(m, thread, frame, &is_at_step);
            if (is_at_step) {
                return progress;
            }
        }
        else {
            const rr_instr *in =
                rr_instr_at(m, thread, *depth - 1, frame[RR_FRAME_PLACE]);
            if (rr_op_is_step(in->op) && !rr_is_section_local(m, thread, in)) {
                return RR_RAN;
            }
            m->at = in;
            m->at_thread = thread;
            progress = do_local(m, thread, in, frame);
        }
        if (progress != RR_RAN) {
            return progress;
        }
    }
    return rr_misused(m, RR_MISUSE_ENDLESS);
}
