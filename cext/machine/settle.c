/* settle.c -- what happens together with a step: the instructions on locals behind it,
 * and what a finaliser or the collector calls next.
 */
#include "machine/internal.h"

/* ---- conditions ----------------------------------------------------------------- */

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

/* ---- on locals alone ------------------------------------------------------------ */

/* The thread enters or leaves a `masked` block. */
static void
change_mask(rr_machine *m, int thread, int by)
{
    int32_t words = m->layout.threads[thread].interrupts;
    if (words >= 0) {
        m->w[words + RR_INTERRUPT_MASKED] += by;
    }
}

/* What the caller's result held before is gone: states that differ only there are one. */
static rr_progress
call(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t *locals = frame + RR_FRAME_LOCALS, words[RR_MAX_ARGUMENTS] = {0};
    for (int i = 0; i < RR_MAX_ARGUMENTS && in->p[1 + i] >= 0; i++) {
        rr_progress progress = rr_evaluate(m, locals, in->p[1 + i], &words[i]);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    if (in->result >= 0) {
        locals[in->result] = 0;
    }
    frame[RR_FRAME_PLACE]++;
    rr_progress progress = rr_call(m, thread, in->p[0], words[0], 0);
    const rr_body *b = &m->program->bodies[in->p[0]];
    if (progress == RR_RAN && b->arg >= 0) {
        int32_t *arguments = rr_top_frame(m, thread) + RR_FRAME_LOCALS + b->arg;
        for (int i = 1; i < RR_MAX_ARGUMENTS && in->p[1 + i] >= 0; i++) {
            arguments[i] = words[i];
        }
    }
    return progress;
}

/* A sub-program has given a value to its caller, which stands behind the `call`. */
static void
take_result(rr_machine *m, int thread, int32_t word)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t *frame = depth > 0 ? rr_top_frame(m, thread) : NULL;
    if (frame == NULL || frame[RR_FRAME_PLACE] <= 0) {
        return;
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, frame[RR_FRAME_PLACE] - 1);
    if (in->op == RR_OP_CALL && in->result >= 0) {
        frame[RR_FRAME_LOCALS + in->result] = word;
    }
}

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
        return call(m, thread, in, frame);
    case RR_OP_GIVE:
        progress = rr_evaluate(m, locals, in->p[0], &word);
        if (progress == RR_RAN) {
            rr_pop(m, thread);
            take_result(m, thread, word);
        }
        return progress;
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
    *is_at_step = !is_new || finaliser < 0 || rr_has_status_bit(m, object, RR_FINALISED);
    if (!*is_at_step && rr_machine_template(m, object)->collected) {
        rr_object_words(m, object)[RR_OBJECT_STATUS] |= RR_FINALISED;
    }
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
        if (frame[RR_FRAME_PLACE] == RR_LEAVES || frame[RR_FRAME_PLACE] == RR_COLLAPSES) {
            return RR_RAN;
        }
        if (frame[RR_FRAME_PLACE] < 0) {
            bool is_at_step;
            progress = rr_is_destruction(frame[RR_FRAME_PLACE])
                           ? begin_finaliser(m, thread, frame, &is_at_step)
                           : rr_settle_collection(m, thread, frame, &is_at_step);
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
