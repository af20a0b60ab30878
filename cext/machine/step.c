/* step.c -- the steps that are not counting operations: each is one access. */
#include "machine/internal.h"
#include "machine/resurrection.h"
#include "machine/stops.h"

/* ---- store buffers -------------------------------------------------------------- */

static rr_progress
put(rr_machine *m, int thread, int object)
{
    if (m->is_weak) {
        return rr_touch_payload(m, object, true);
    }
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

/* ---- containers ----------------------------------------------------------------- */

static void
remove_at(int32_t *n, int32_t i)
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
    rr_give(m, in, frame, n[1 + i]);
    return RR_RAN;
}

static rr_progress
container_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int32_t *n = &m->w[m->layout.containers[in->p[0]]], word = 0, last = *n - 1;
    m->seen.place = RR_PLACE_CONTAINER;
    m->seen.index = in->p[0];
    if (m->program->containers[in->p[0]].room >= 0) {
        return rr_block_step(m, in, frame);
    }
    if (m->is_weak) {
        (void)rr_synchronise(m, m->shape.container_sync + in->p[0], true, true, false);
    }
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
        rr_give(m, in, frame, last >= 0 ? n[1 + last] : 0);
        if (last >= 0) {
            remove_at(n, last);
        }
        return RR_RAN;
    case RR_OP_REMOVE:
        for (int32_t i = 0; i <= last; i++) {
            if (n[1 + i] == word) {
                rr_give(m, in, frame, word);
                remove_at(n, i);
                return RR_RAN;
            }
        }
        rr_give(m, in, frame, 0);
        return RR_RAN;
    default:
        rr_give(m, in, frame, rr_word_of_integer(*n));
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

/* Under C11: what a lock that was taken or given back orders. */
static rr_progress
order_lock(rr_machine *m, const rr_instr *in, const int32_t *owner, rr_progress progress)
{
    if (progress != RR_RAN || !m->is_weak) {
        return progress;
    }
    bool takes = in->op == RR_OP_LOCK;
    return rr_synchronise(m, m->shape.sync_of[owner - m->w], takes, !takes, true);
}

static rr_progress
lock_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    if (in->p[0] < 0) {
        int32_t *owner = &m->w[m->layout.locks[in->p[1]]];
        m->seen.place = RR_PLACE_LOCK;
        m->seen.index = in->p[1];
        int32_t kind = m->program->lock_kinds[in->p[1]];
        rr_progress progress = take_or_leave(
            m, thread, in, owner, kind == RR_LOCK_REENTRANT ? owner + 1 : NULL);
        progress = order_lock(m, in, owner, progress);
        return progress == RR_WAITS && kind == RR_LOCK_NATIVE
                   ? rr_wait_natively(m, thread, frame)
                   : progress;
    }
    int object;
    rr_progress progress = rr_memory(m, frame[RR_FRAME_LOCALS + in->p[0]], &object);
    m->seen.place = RR_PLACE_MUTEX;
    if (progress != RR_RAN) {
        return progress;
    }
    if (in->op == RR_OP_UNLOCK && rr_holds_by_section(m, thread, object)) {
        return rr_misused(m, RR_MISUSE_HELD_BY_SECTION);
    }
    int32_t *owner = rr_object_words(m, object) + m->layout.mutex_offset;
    return order_lock(m, in, owner, take_or_leave(m, thread, in, owner, NULL));
}

/* ---- objects -------------------------------------------------------------------- */

/* The number of a payload: never atomic, so under C11 the newest value is the only one
 * that a read without a race can see.  Memory that was renewed holds 0 again. */
static rr_progress
number_step(rr_machine *m, const rr_instr *in, int32_t *frame, int object)
{
    int32_t *locals = frame + RR_FRAME_LOCALS, *number, word;
    bool writes = in->op == RR_OP_POKE;
    if (rr_machine_template(m, object)->kind == RR_ITEMS_MEMORY) {
        return rr_misused(m, RR_MISUSE_ITEMS_HAVE_NO_NUMBER);
    }
    rr_progress progress = rr_variable(m, locals, in->p, &number);
    if (progress == RR_RAN && writes) {
        progress = rr_evaluate(m, locals, in->p[2], &word);
    }
    if (progress != RR_RAN) {
        return progress;
    }
    if (!writes && rr_object_words(m, object)[RR_OBJECT_STATUS] & RR_RAW) {
        return rr_find(m, RR_UNINITIALISED_USE, object);
    }
    if (m->is_weak) {
        progress = rr_touch_payload(m, object, writes);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    if (!writes) {
        rr_give(m, in, frame, *number == 0 ? rr_word_of_integer(0) : *number);
        return RR_RAN;
    }
    if (!rr_is_integer(word)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    *number = word;
    return RR_RAN;
}

static rr_progress
object_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t word = frame[RR_FRAME_LOCALS + in->p[0]];
    int object = -1;
    bool by_hand = in->op == RR_OP_DEALLOC || in->op == RR_OP_FREE;
    if (by_hand && rr_is_pointer(word) && rr_is_uncounted(m, rr_object_of(word))) {
        return rr_free_uncounted(m, in->op, rr_object_of(word));
    }
    bool counts = by_hand || in->op == RR_OP_RESURRECT;
    rr_progress progress =
        counts ? rr_check_attachment(m, thread, in->op, word) : RR_RAN;
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
    case RR_OP_RESURRECT:
        return rr_resurrect(m, thread, object);
    case RR_OP_INIT:
        *status &= ~RR_RAW;
        return m->is_weak ? rr_touch_payload(m, object, true) : RR_RAN;
    case RR_OP_PUT:
        return put(m, thread, object);
    case RR_OP_PEEK:
    case RR_OP_POKE:
        return number_step(m, in, frame, object);
    default:
        if (*status & RR_RAW) {
            return rr_find(m, RR_UNINITIALISED_USE, object);
        }
        return m->is_weak ? rr_touch_payload(m, object, false) : RR_RAN;
    }
}

static rr_progress
making_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t word = 0;
    rr_progress progress = RR_RAN;
    if (in->op == RR_OP_MALLOC) { /* which needs no attached thread */
        progress = rr_malloc(m, thread, in->p[0], &word);
    } else {
        progress = rr_check_attachment(m, thread, in->op, 0);
        if (progress == RR_RAN) {
            progress =
                in->op == RR_OP_RENEW
                    ? rr_renew(m, thread, in->p[0], &word)
                    : rr_new(m, thread, in->p[0], in->op == RR_OP_RAW_NEW, &word);
        }
    }
    if (progress == RR_RAN) {
        rr_give(m, in, frame, word);
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
    case RR_OP_FADD:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
        return rr_cell_step(m, thread, in, frame);
    case RR_OP_APPEND:
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_LEN:
    case RR_OP_ITEMS:
    case RR_OP_RESIZE:
        return container_step(m, in, frame);
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
        return lock_step(m, thread, in, frame);
    case RR_OP_WAIT:
    case RR_OP_BARRIER_WAIT:
    case RR_OP_BARRIER_GO:
        return rr_barrier_step(m, in, frame);
    case RR_OP_CRITICAL:
    case RR_OP_CRITICAL_END:
        return rr_section_step(m, thread, in, frame);
    case RR_OP_STOP:
    case RR_OP_STOP_END:
        return rr_stop_step(m, thread, in, frame);
    case RR_OP_NEW:
    case RR_OP_RAW_NEW:
    case RR_OP_RENEW:
    case RR_OP_MALLOC:
        return making_step(m, thread, in, frame);
    case RR_OP_INIT:
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
    case RR_OP_USE:
    case RR_OP_PUT:
    case RR_OP_PEEK:
    case RR_OP_POKE:
    case RR_OP_RESURRECT:
        return object_step(m, thread, in, frame);
    case RR_OP_AT:
    case RR_OP_AT_SET:
        return rr_at_step(m, in, frame);
    case RR_OP_TRACK:
    case RR_OP_UNTRACK:
        return rr_track_step(m, thread, in, frame);
    case RR_OP_COLLECT:
        return rr_collect_step(m, thread, frame);
    case RR_OP_QUIESCE: /* the mode has no work here */
        m->passes_quiescence = true;
        return rr_check_attachment(m, thread, in->op, 0);
    case RR_OP_DETACH:
    case RR_OP_ATTACH:
        return rr_attachment_step(m, thread, in->op);
    case RR_OP_FENCE:
        if (m->is_weak) {
            rr_fence(m, (rc_order)in->order);
        }
        return RR_RAN;
    default: /* maybe (not taken), gil: a step without effect */
        return RR_RAN;
    }
}
