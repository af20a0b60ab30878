/* next_operation.c -- classifies a thread's next step by what it may access. */
#include "machine/next_operation.h"

#include "machine/internal.h"
#include "machine/stops.h"

/* Finds the object of a counting operation, if the mode would access it. */
static bool
find_object(rr_machine *m, const rr_instr *in, const int32_t *locals, int *object)
{
    int32_t word = locals[in->op == RR_OP_UPGRADE ? 0 : in->p[0]];
    if (in->op == RR_OP_UPGRADE) {
        int32_t *place;
        if (rr_variable(m, locals, in->p, &place) != RR_RAN) {
            return false;
        }
        word = *place;
    }
    if (!rr_is_pointer(word)) {
        return false;
    }
    *object = rr_object_of(word);
    int status = rr_status_of(m, *object);
    return in->op == RR_OP_UPGRADE ? status == RR_ALIVE : status != RR_FREED;
}

static bool
find_number(rr_machine *m, const int32_t *locals, int32_t value, int64_t *out)
{
    int32_t word;
    if (rr_evaluate(m, locals, value, &word) != RR_RAN || !rr_is_integer(word)) {
        return false;
    }
    *out = rr_integer_of(word);
    return true;
}

static bool
is_of_the_mode(rr_machine *m, const rr_instr *in, const int32_t *locals, rr_next *out)
{
    if (in->op == RR_OP_RESURRECT_END || !rr_mode_has(m, in->op) ||
        !find_object(m, in, locals, &out->object)) {
        return false;
    }
    int n = in->op == RR_OP_CASRC ? 2 : in->op == RR_OP_SETRC ? 1 : 0;
    return (n < 1 || find_number(m, locals, in->p[1], &out->a)) &&
           (n < 2 || find_number(m, locals, in->p[2], &out->b));
}

bool
rr_machine_is_inside(const rr_machine *m, int thread)
{
    return rr_is_inside_operation(m, thread);
}

bool
rr_machine_is_at_maybe(const rr_machine *m, int thread)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0) {
        return false;
    }
    int32_t place = m->w[rr_frame_of(&m->layout, thread, depth - 1) + RR_FRAME_PLACE];
    return place >= 0 &&
           rr_instr_at(m, thread, depth - 1, place)->op == RR_OP_MAYBE &&
           !rr_is_section_due(m, thread);
}

rr_next
rr_machine_next(rr_machine *m, int thread)
{
    rr_next next = {.kind = RR_NEXT_EXCLUSIVE, .op = -1, .object = -1};
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0) {
        next.kind = RR_NEXT_END;
        return next;
    }
    if (rr_is_section_due(m, thread) || rr_is_held_back(m, thread)) {
        next.kind = RR_NEXT_PLAIN;
        return next;
    }
    const int32_t *frame = rr_top_frame(m, thread);
    if (frame[RR_FRAME_PLACE] == RR_LEAVES || frame[RR_FRAME_PLACE] == RR_COLLAPSES) {
        next.kind = RR_NEXT_HOOK;
        next.op =
            frame[RR_FRAME_PLACE] == RR_LEAVES ? RR_OP_LEAVE : RR_OP_COLLAPSE;
        return next;
    }
    if (frame[RR_FRAME_PLACE] < 0) {
        return next;
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, frame[RR_FRAME_PLACE]);
    next.op = in->op;
    if (rr_is_count_op(in->op)) {
        bool is_finding =
            rr_needs_attached(m->mode) && rr_machine_has_detached(m, thread);
        if (!is_finding && is_of_the_mode(m, in, frame + RR_FRAME_LOCALS, &next)) {
            next.kind = RR_NEXT_COUNT;
        }
        return next;
    }
    if (rr_has_hook(m, in->op)) {
        next.kind = RR_NEXT_HOOK;
        return next;
    }
    switch (in->op) {
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
    case RR_OP_RENEW:
    case RR_OP_STOP: /* no operation is in progress when threads are held back */
    case RR_OP_COLLECT:
    case RR_OP_RESURRECT:
        return next;
    case RR_OP_STORE:
    case RR_OP_SWAP:
    case RR_OP_CAS:
        next.kind = RR_NEXT_PLACE;
        return next;
    default:
        next.kind = RR_NEXT_PLAIN;
        return next;
    }
}
