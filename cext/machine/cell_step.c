/* cell_step.c -- steps on a cell or field; under C11 they choose the message that they
 * take.
 */
#include "machine/internal.h"

/* A step that has to wait, and keeps the GIL meanwhile.  A thread that does not hold the
 * GIL takes it first: that is a step of its own, after which no other thread that needs
 * the GIL can run. */
rr_progress
rr_wait_natively(rr_machine *m, int thread, int32_t *frame)
{
    if (!m->gil_held || rr_machine_has_detached(m, thread)) {
        return RR_WAITS;
    }
    if (m->w[m->layout.holder] == thread + 1) {
        m->keeps_gil = true;
        return RR_WAITS;
    }
    frame[RR_FRAME_PLACE]--;
    m->seen.completes = false;
    return RR_RAN; /* the caller gives it the GIL */
}

static rr_progress
add_to(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t *cell, int64_t d)
{
    if (!rr_is_integer(*cell)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t n = rr_integer_of(*cell) + d;
    if (n > RR_MAX_INTEGER || n < -RR_MAX_INTEGER) {
        return rr_misused(m, RR_MISUSE_TOO_LARGE);
    }
    *cell = rr_word_of_integer(n);
    rr_give(m, in, frame, *cell);
    return RR_RAN;
}

static rr_progress
access_cell(rr_machine *m, int thread, const rr_instr *in, int32_t *frame, int32_t *cell)
{
    int32_t *locals = frame + RR_FRAME_LOCALS, word = 0, old = 0;
    rr_progress progress = RR_RAN;
    switch (in->op) {
    case RR_OP_LOAD:
        rr_give(m, in, frame, *cell);
        return RR_RAN;
    case RR_OP_STORE:
    case RR_OP_SWAP:
        progress = rr_evaluate(m, locals, in->p[2], &word);
        old = *cell;
        if (progress == RR_RAN) {
            rr_publish(m, locals, in->p[0], word);
            *cell = word;
        }
        if (in->op == RR_OP_SWAP) {
            rr_give(m, in, frame, old);
        }
        return progress;
    case RR_OP_CAS:
        progress = rr_evaluate(m, locals, in->p[2], &old);
        if (progress == RR_RAN && *cell != old) {
            rr_give(m, in, frame, rr_word_of_integer(0));
            return RR_RAN;
        }
        if (progress == RR_RAN) {
            progress = rr_evaluate(m, locals, in->p[3], &word);
        }
        if (progress == RR_RAN) {
            rr_publish(m, locals, in->p[0], word);
            *cell = word;
            rr_give(m, in, frame, rr_word_of_integer(1));
        }
        return progress;
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
        m->waits_on = -1;
        return rr_is_true(*cell) == (in->op == RR_OP_AWAIT) ? RR_RAN : RR_WAITS;
    case RR_OP_AWAIT_EQUAL:
        m->waits_on = -1;
        progress = rr_evaluate(m, locals, in->p[2], &word);
        return progress != RR_RAN ? progress : *cell == word ? RR_RAN : RR_WAITS;
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
        m->waits_on = -1;
        return rr_is_true(*cell) == (in->op == RR_OP_SPIN)
                   ? RR_RAN
                   : rr_wait_natively(m, thread, frame);
    case RR_OP_FADD:
        progress = rr_evaluate(m, locals, in->p[2], &word);
        if (progress != RR_RAN) {
            return progress;
        }
        return rr_is_integer(word)
                   ? add_to(m, in, frame, cell, rr_integer_of(word))
                   : rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    default:
        return add_to(m, in, frame, cell, in->op == RR_OP_FINC ? 1 : -1);
    }
}

static rr_wish
wish_of(rr_machine *m, const rr_instr *in, const int32_t *locals)
{
    rc_order order = (rc_order)in->order;
    rr_wish wish = {.kind = RR_CHANGES, .order = order, .failure = order};
    int32_t old = 0;
    switch (in->op) {
    case RR_OP_LOAD:
        wish.kind = RR_WANTS_VALUE;
        break;
    case RR_OP_STORE:
        wish.kind = RR_STORES;
        break;
    case RR_OP_CAS:
        (void)rr_evaluate(m, locals, in->p[2], &old); /* an error shows in the access */
        wish.kind = RR_CHANGES_IF;
        wish.a = old;
        wish.failure = (rc_order)in->failure;
        break;
    case RR_OP_AWAIT:
    case RR_OP_SPIN:
        wish.kind = RR_WANTS_TRUE;
        break;
    case RR_OP_AWAIT_NOT:
    case RR_OP_SPIN_NOT:
        wish.kind = RR_WANTS_FALSE;
        break;
    case RR_OP_AWAIT_EQUAL:
        wish.kind = rr_evaluate(m, locals, in->p[2], &old) == RR_RAN ? RR_WANTS_EQUAL
                                                                     : RR_WANTS_VALUE;
        wish.a = old;
        break;
    default:
        break;
    }
    return wish;
}

/* Under C11: the access sees the value of the message that it picks as if it was the
 * newest, and the row gets the newest back. */
static rr_progress
access_message(rr_machine *m, int thread, const rr_instr *in, int32_t *frame,
               int32_t *cell)
{
    int32_t location = m->shape.location_of[cell - m->w];
    int object = m->shape.object_of[location];
    bool marks = object >= 0 && !rr_machine_template(m, object)->stable;
    const rr_wish wish = wish_of(m, in, frame + RR_FRAME_LOCALS);
    rr_progress progress = rr_begin_access(m, location, &wish, marks);
    if (progress == RR_WAITS) {
        m->waits_on = -1;
        bool spins = in->op == RR_OP_SPIN || in->op == RR_OP_SPIN_NOT;
        return spins ? rr_wait_natively(m, thread, frame) : RR_WAITS;
    }
    if (progress != RR_RAN) {
        return progress;
    }
    int32_t newest = rr_show_pick(m);
    progress = access_cell(m, thread, in, frame, cell);
    if (progress != RR_RAN) {
        *cell = newest;
        return progress;
    }
    return rr_finish_access(m, newest);
}

rr_progress
rr_cell_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t *cell;
    rr_progress progress = rr_variable(m, frame + RR_FRAME_LOCALS, in->p, &cell);
    if (progress != RR_RAN) {
        return progress;
    }
    return m->is_weak ? access_message(m, thread, in, frame, cell)
                      : access_cell(m, thread, in, frame, cell);
}
