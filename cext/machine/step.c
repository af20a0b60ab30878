/* step.c -- the steps that are not counting operations: each is one access. */
#include "machine/internal.h"

/* Stores the result of a step, if the instruction has a place for it. */
static void
give(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t word)
{
    if (in->result >= 0) {
        frame[RR_FRAME_LOCALS + in->result] = word;
        m->seen.has_result = true;
        m->seen.result = word;
    }
}

/* ---- store buffers -------------------------------------------------------------- */

rr_progress
rr_drain(rr_machine *m, int thread, bool all)
{
    int32_t word = m->layout.threads[thread].buffer;
    if (word < 0) {
        return RR_RAN;
    }
    int32_t *n = &m->w[word], *items = n + 1;
    rr_progress progress = RR_RAN;
    while (*n > 0 && progress == RR_RAN) {
        int object = items[0];
        --*n;
        for (int32_t i = 0; i < *n; i++) {
            items[i] = items[i + 1];
        }
        items[*n] = 0;
        m->seen.object = object;
        m->seen.place = RR_PLACE_PAYLOAD;
        if (rr_status_of(m, object) == RR_FREED) {
            progress = rr_find(m, RR_USE_AFTER_FREE, object);
        }
        if (!all) {
            break;
        }
    }
    return progress;
}

static rr_progress
put(rr_machine *m, int thread, int object)
{
    if (m->gil_held) {
        return RR_RAN; /* written at once, to memory that was just checked */
    }
    int32_t word = m->layout.threads[thread].buffer;
    if (word < 0 || m->w[word] == m->layout.capacity[RR_CAPACITY_BUFFER]) {
        return rr_needs_more(m, RR_CAPACITY_BUFFER);
    }
    m->w[word + 1 + m->w[word]++] = object;
    return RR_RAN;
}

/* ---- cells and fields ----------------------------------------------------------- */

static rr_progress
add_to(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t *cell, int d)
{
    if (!rr_is_integer(*cell)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t n = rr_integer_of(*cell) + d;
    if (n > RR_MAX_INTEGER || n < -RR_MAX_INTEGER) {
        return rr_misused(m, RR_MISUSE_TOO_LARGE);
    }
    *cell = rr_word_of_integer(n);
    give(m, in, frame, *cell);
    return RR_RAN;
}

static rr_progress
cell_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int32_t *locals = frame + RR_FRAME_LOCALS, *cell, word = 0, old = 0;
    rr_progress progress = rr_variable(m, locals, in->p, &cell);
    if (progress != RR_RAN) {
        return progress;
    }
    switch (in->op) {
    case RR_OP_LOAD:
        give(m, in, frame, *cell);
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
            give(m, in, frame, old);
        }
        return progress;
    case RR_OP_CAS:
        progress = rr_evaluate(m, locals, in->p[2], &old);
        if (progress == RR_RAN && *cell != old) {
            give(m, in, frame, rr_word_of_integer(0));
            return RR_RAN;
        }
        if (progress == RR_RAN) {
            progress = rr_evaluate(m, locals, in->p[3], &word);
        }
        if (progress == RR_RAN) {
            rr_publish(m, locals, in->p[0], word);
            *cell = word;
            give(m, in, frame, rr_word_of_integer(1));
        }
        return progress;
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
        m->waits_on = -1;
        return rr_is_true(*cell) == (in->op == RR_OP_AWAIT) ? RR_RAN : RR_WAITS;
    default:
        return add_to(m, in, frame, cell, in->op == RR_OP_FINC ? 1 : -1);
    }
}

/* ---- containers ----------------------------------------------------------------- */

static void
take_out(int32_t *n, int32_t i)
{
    int32_t *items = n + 1;
    --*n;
    for (; i < *n; i++) {
        items[i] = items[i + 1];
    }
    items[*n] = 0;
}

static rr_progress
get(rr_machine *m, const rr_instr *in, int32_t *frame, const int32_t *n, int32_t word)
{
    if (!rr_is_integer(word)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t i = rr_integer_of(word);
    if (i < 0 || i >= *n) {
        return rr_find(m, RR_OUT_OF_BOUNDS, -1);
    }
    give(m, in, frame, n[1 + i]);
    return RR_RAN;
}

static rr_progress
container_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int32_t *n = &m->w[m->layout.containers[in->p[0]]], word = 0, last = *n - 1;
    m->seen.place = RR_PLACE_CONTAINER;
    m->seen.index = in->p[0];
    if (in->op != RR_OP_LEN && in->op != RR_OP_POP) {
        rr_progress progress =
            rr_evaluate(m, frame + RR_FRAME_LOCALS, in->p[1], &word);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    switch (in->op) {
    case RR_OP_APPEND:
        if (*n == m->layout.container_room[in->p[0]]) {
            return rr_needs_more(m, RR_CAPACITY_ITEMS);
        }
        rr_publish(m, NULL, -1, word);
        n[1 + *n] = word;
        ++*n;
        return RR_RAN;
    case RR_OP_GET:
        return get(m, in, frame, n, word);
    case RR_OP_POP:
        give(m, in, frame, last >= 0 ? n[1 + last] : 0);
        if (last >= 0) {
            take_out(n, last);
        }
        return RR_RAN;
    case RR_OP_REMOVE:
        for (int32_t i = 0; i <= last; i++) {
            if (n[1 + i] == word) {
                give(m, in, frame, word);
                take_out(n, i);
                return RR_RAN;
            }
        }
        give(m, in, frame, 0);
        return RR_RAN;
    default:
        give(m, in, frame, rr_word_of_integer(*n));
        return RR_RAN;
    }
}

/* ---- locks ---------------------------------------------------------------------- */

static rr_progress
take_or_leave(rr_machine *m, int thread, const rr_instr *in, int32_t *owner,
              int32_t *depth)
{
    int32_t me = thread + 1;
    if (in->op == RR_OP_UNLOCK) {
        if (*owner != me) {
            return rr_misused(m, RR_MISUSE_NOT_HELD);
        }
        if (depth == NULL || --*depth == 0) {
            *owner = 0;
        }
        return RR_RAN;
    }
    if (*owner != 0 && (depth == NULL || *owner != me)) {
        m->waits_on = (int32_t)(owner - m->w);
        return RR_WAITS;
    }
    *owner = me;
    if (depth != NULL) {
        if (*depth == RR_MAX_INTEGER) {
            return rr_misused(m, RR_MISUSE_RELOCKED);
        }
        ++*depth;
    }
    return RR_RAN;
}

static rr_progress
lock_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    if (in->p[0] < 0) {
        int32_t *owner = &m->w[m->layout.locks[in->p[1]]];
        m->seen.place = RR_PLACE_LOCK;
        m->seen.index = in->p[1];
        return take_or_leave(m, thread, in, owner,
                             m->program->reentrant[in->p[1]] ? owner + 1 : NULL);
    }
    int object;
    rr_progress progress = rr_memory(m, frame[RR_FRAME_LOCALS + in->p[0]], &object);
    m->seen.place = RR_PLACE_MUTEX;
    if (progress != RR_RAN) {
        return progress;
    }
    int32_t *owner = rr_object_words(m, object) + m->layout.mutex_offset;
    return take_or_leave(m, thread, in, owner, NULL);
}

/* ---- objects -------------------------------------------------------------------- */

static rr_progress
object_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t word = frame[RR_FRAME_LOCALS + in->p[0]];
    int object = -1;
    bool by_hand = in->op == RR_OP_DEALLOC || in->op == RR_OP_FREE;
    rr_progress progress =
        by_hand ? rr_check_attachment(m, thread, in->op) : RR_RAN;
    if (progress == RR_RAN) {
        progress = by_hand ? rr_pointer(m, word, &object) : rr_memory(m, word, &object);
    }
    m->seen.place = RR_PLACE_PAYLOAD;
    if (progress != RR_RAN) {
        return progress;
    }
    int32_t *status = &rr_object_words(m, object)[RR_OBJECT_STATUS];
    switch (in->op) {
    case RR_OP_DEALLOC:
        return rr_destroy(m, thread, object);
    case RR_OP_FREE:
        return rr_free_memory(m, object);
    case RR_OP_INIT:
        *status &= ~RR_RAW;
        return RR_RAN;
    case RR_OP_PUT:
        return put(m, thread, object);
    default:
        return *status & RR_RAW ? rr_find(m, RR_UNINITIALISED_USE, object) : RR_RAN;
    }
}

static rr_progress
making_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t word = 0;
    rr_progress progress = rr_check_attachment(m, thread, in->op);
    if (progress == RR_RAN) {
        progress = in->op == RR_OP_RENEW
                       ? rr_renew(m, thread, in->p[0], &word)
                       : rr_new(m, thread, in->p[0], in->op == RR_OP_RAW_NEW, &word);
    }
    if (progress == RR_RAN) {
        give(m, in, frame, word);
    }
    return progress;
}

/* Advances before the step, since a destruction is pushed on top of the frame. */
rr_progress
rr_plain_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    m->seen.begins = m->seen.completes = true;
    frame[RR_FRAME_PLACE]++;
    switch (in->op) {
    case RR_OP_LOAD:
    case RR_OP_STORE:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
        return cell_step(m, in, frame);
    case RR_OP_APPEND:
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_LEN:
        return container_step(m, in, frame);
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
        return lock_step(m, thread, in, frame);
    case RR_OP_NEW:
    case RR_OP_RAW_NEW:
    case RR_OP_RENEW:
        return making_step(m, thread, in, frame);
    case RR_OP_INIT:
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
    case RR_OP_USE:
    case RR_OP_PUT:
        return object_step(m, thread, in, frame);
    case RR_OP_QUIESCE: /* the mode has no work here */
        return rr_check_attachment(m, thread, in->op);
    case RR_OP_DETACH:
    case RR_OP_ATTACH:
        return rr_attachment_step(m, thread, in->op);
    default: /* maybe (not taken), gil, fence: a step without effect */
        return RR_RAN;
    }
}
