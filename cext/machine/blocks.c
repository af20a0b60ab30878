/* blocks.c -- containers whose items lie in a block of their own, which growing replaces.
 *
 * A block is memory without a count.  A thread that has read its address keeps it when
 * the container has another one: by then the block is freed, or, if the container delays
 * that, freed once each thread that was attached then has been quiescent, has detached or
 * has ended.
 */
#include "machine/internal.h"

static int64_t
room_of(const int32_t *block)
{
    return rr_integer_of(block[RR_BLOCK_ROOM]);
}

/* The bits of threads as an integer of the language: at most RR_MAX_DELAYING_THREADS. */
static int32_t
word_of_threads(uint32_t threads)
{
    return rr_word_of_integer((int64_t)threads);
}

static uint32_t
attached_threads(const rr_machine *m)
{
    uint32_t threads = 0;
    for (int t = 0; t < m->program->n_threads; t++) {
        if (!rr_machine_has_ended(m, t) && !rr_machine_has_detached(m, t)) {
            threads |= UINT32_C(1) << t;
        }
    }
    return threads;
}

static rr_progress
make_block(rr_machine *m, int container, int64_t room, int *out)
{
    int32_t word = 0;
    if (room > m->layout.container_room[container]) {
        return rr_needs_more(m, RR_CAPACITY_ITEMS);
    }
    rr_seen seen = m->seen;
    rr_progress progress =
        rr_malloc(m, -1, m->program->containers[container].template, &word);
    m->seen = seen;
    if (progress == RR_RAN) {
        *out = rr_object_of(word);
        rr_fields_of(m, *out)[RR_BLOCK_ROOM] = rr_word_of_integer(room);
        rr_fields_of(m, *out)[RR_BLOCK_WAITS_FOR] = word_of_threads(0);
    }
    return progress;
}

rr_progress
rr_begin_block(rr_machine *m, int container)
{
    const rr_container *c = &m->program->containers[container];
    int32_t *words = m->w + m->layout.containers[container];
    int block = -1;
    rr_progress progress = make_block(m, container, c->room, &block);
    if (progress == RR_RAN) {
        words[0] = c->n_items;
        words[1] = rr_word_of_object(block);
        for (int32_t k = 0; k < c->n_items; k++) {
            rr_fields_of(m, block)[RR_BLOCK_ITEMS + k] = m->program->items[c->first_item + k];
        }
    }
    return progress;
}

/* Moves the items that fit to a new block, and frees the old one now or later. */
static rr_progress
replace(rr_machine *m, int container, int64_t room)
{
    int32_t *words = m->w + m->layout.containers[container];
    int old = rr_object_of(words[1]), block = -1;
    rr_progress progress = make_block(m, container, room, &block);
    if (progress != RR_RAN) {
        return progress;
    }
    words[0] = words[0] < room ? words[0] : (int32_t)room;
    for (int32_t k = 0; k < words[0]; k++) {
        rr_fields_of(m, block)[RR_BLOCK_ITEMS + k] =
            rr_fields_of(m, old)[RR_BLOCK_ITEMS + k];
    }
    words[1] = rr_word_of_object(block);
    uint32_t waits_for =
        m->program->containers[container].delays ? attached_threads(m) : 0;
    rr_fields_of(m, old)[RR_BLOCK_WAITS_FOR] = word_of_threads(waits_for);
    return waits_for == 0 ? rr_free_memory(m, old) : RR_RAN;
}

void
rr_pass_quiescence(rr_machine *m, int thread)
{
    for (int i = m->program->n_objects; i < m->layout.n_objects; i++) {
        const rr_template *t = rr_machine_template(m, i);
        if (t == NULL || t->kind != RR_ITEMS_MEMORY || rr_status_of(m, i) == RR_FREED) {
            continue;
        }
        int32_t *waits_for = &rr_fields_of(m, i)[RR_BLOCK_WAITS_FOR];
        uint32_t before = (uint32_t)rr_integer_of(*waits_for);
        uint32_t after = before & ~(UINT32_C(1) << thread);
        *waits_for = word_of_threads(after);
        if (before != 0 && after == 0) {
            (void)rr_free_memory(m, i); /* its ledger is 0, and it is not freed yet */
        }
    }
}

rr_progress
rr_free_uncounted(rr_machine *m, int op, int object)
{
    m->seen.place = RR_PLACE_PAYLOAD;
    m->seen.object = object;
    if (op == RR_OP_DEALLOC) {
        return rr_misused(m, RR_MISUSE_UNCOUNTED);
    }
    return rr_machine_template(m, object)->kind == RR_ITEMS_MEMORY
               ? rr_misused(m, RR_MISUSE_FREES_ITEMS)
               : rr_free_memory(m, object);
}

/* ---- steps ---------------------------------------------------------------------- */

/* Checks an index: below the length for the container's own operations, below the room
 * for who reads or writes through a pointer. */
static rr_progress
check_index(rr_machine *m, int64_t end, int32_t index)
{
    if (!rr_is_integer(index)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t i = rr_integer_of(index);
    return i < 0 || i >= end ? rr_find(m, RR_OUT_OF_BOUNDS, m->seen.object) : RR_RAN;
}

static rr_progress
give_item(rr_machine *m, const rr_instr *in, int32_t *frame, const int32_t *items,
          int64_t end, int32_t index)
{
    rr_progress progress = check_index(m, end, index);
    if (progress == RR_RAN) {
        rr_give(m, in, frame, items[rr_integer_of(index)]);
    }
    return progress;
}

/* Also a place behind the last item can be written, as in C. */
static rr_progress
put_item(rr_machine *m, const rr_instr *in, const int32_t *locals, int32_t *block,
         int32_t index)
{
    int32_t word = 0;
    rr_progress progress = check_index(m, room_of(block), index);
    if (progress == RR_RAN) {
        progress = rr_evaluate(m, locals, in->p[2], &word);
    }
    if (progress == RR_RAN) {
        rr_publish(m, NULL, -1, word);
        block[RR_BLOCK_ITEMS + rr_integer_of(index)] = word;
    }
    return progress;
}

rr_progress
rr_at_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int32_t index = 0;
    int block = -1;
    rr_progress progress = rr_memory(m, frame[RR_FRAME_LOCALS + in->p[0]], &block);
    m->seen.place = RR_PLACE_PAYLOAD;
    if (progress == RR_RAN) {
        progress = rr_evaluate(m, frame + RR_FRAME_LOCALS, in->p[1], &index);
    }
    if (progress != RR_RAN) {
        return progress;
    }
    if (rr_machine_template(m, block)->kind != RR_ITEMS_MEMORY) {
        return rr_misused(m, RR_MISUSE_NOT_ITEMS);
    }
    int32_t *fields = rr_fields_of(m, block);
    if (in->op == RR_OP_AT_SET) {
        return put_item(m, in, frame + RR_FRAME_LOCALS, fields, index);
    }
    return give_item(m, in, frame, fields + RR_BLOCK_ITEMS, room_of(fields), index);
}

static rr_progress
append_item(rr_machine *m, int container, int32_t word)
{
    int32_t *words = m->w + m->layout.containers[container];
    int64_t room = room_of(rr_fields_of(m, rr_object_of(words[1])));
    if (words[0] == room) {
        rr_progress progress = replace(m, container, room + 1);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    rr_publish(m, NULL, -1, word);
    rr_fields_of(m, rr_object_of(words[1]))[RR_BLOCK_ITEMS + words[0]] = word;
    ++words[0];
    return RR_RAN;
}

static void
drop_item(int32_t *length, int32_t *items, int32_t i)
{
    --*length;
    for (; i < *length; i++) {
        items[i] = items[i + 1];
    }
    items[*length] = 0;
}

static rr_progress
resize(rr_machine *m, int container, int32_t word)
{
    if (!rr_is_integer(word)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t room = rr_integer_of(word);
    return room < 0 ? rr_find(m, RR_OUT_OF_BOUNDS, -1) : replace(m, container, room);
}

rr_progress
rr_block_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int container = in->p[0];
    int32_t *words = m->w + m->layout.containers[container], word = 0;
    int32_t *items = rr_fields_of(m, rr_object_of(words[1])) + RR_BLOCK_ITEMS;
    if (in->op != RR_OP_LEN && in->op != RR_OP_POP && in->op != RR_OP_ITEMS) {
        rr_progress progress =
            rr_evaluate(m, frame + RR_FRAME_LOCALS, in->p[1], &word);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    int32_t at = words[0] - 1; /* of what is taken out; -1: nothing is */
    switch (in->op) {
    case RR_OP_LEN:
        rr_give(m, in, frame, rr_word_of_integer(words[0]));
        return RR_RAN;
    case RR_OP_ITEMS:
        rr_give(m, in, frame, words[1]);
        return RR_RAN;
    case RR_OP_GET:
        return give_item(m, in, frame, items, words[0], word);
    case RR_OP_APPEND:
        return append_item(m, container, word);
    case RR_OP_RESIZE:
        return resize(m, container, word);
    case RR_OP_REMOVE:
        for (at = 0; at < words[0] && items[at] != word; at++) {
        }
        at = at == words[0] ? -1 : at;
        break;
    default:
        break;
    }
    rr_give(m, in, frame, at >= 0 ? items[at] : 0);
    if (at >= 0) {
        drop_item(words, items, at);
    }
    return RR_RAN;
}
