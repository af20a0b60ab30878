/* block_steps.c -- the steps on a container whose items lie in a block, and on the block. */
#include "machine/blocks.h"
#include "machine/newest.h"

static int64_t
room_of(const int32_t *block)
{
    return rr_integer_of(block[RR_BLOCK_ROOM]);
}

/* What the container orders, as a lock does. */
static void
order_container(rr_machine *m, int container, bool is_taken)
{
    if (m->is_weak) {
        (void)rr_synchronise(m, m->shape.container_sync + container, is_taken, !is_taken,
                             false);
    }
}

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

/* `get`: the newest value. */
static rr_progress
get_item(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t *items, int64_t end,
         int32_t index)
{
    int32_t word = 0;
    rr_progress progress = check_index(m, end, index);
    if (progress == RR_RAN) {
        progress = rr_load_newest(m, &items[rr_integer_of(index)], &word);
    }
    if (progress == RR_RAN) {
        rr_give(m, in, frame, word);
    }
    return progress;
}

/* `items`, and `at` through a pointer. */
static rr_progress
load_alone(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t *word)
{
    int32_t value = *word;
    rr_progress progress =
        m->is_weak ? rr_access_word(m, word, RR_WANTS_VALUE, (rc_order)in->order, &value)
                   : RR_RAN;
    if (progress == RR_RAN) {
        rr_give(m, in, frame, value);
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
    if (progress != RR_RAN) {
        return progress;
    }
    rr_publish(m, NULL, -1, word);
    int32_t *item = &block[RR_BLOCK_ITEMS + rr_integer_of(index)];
    if (m->is_weak) {
        return rr_access_word(m, item, RR_STORES, (rc_order)in->order, &word);
    }
    *item = word;
    return RR_RAN;
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
    progress = check_index(m, room_of(fields), index);
    return progress == RR_RAN
               ? load_alone(m, in, frame, &fields[RR_BLOCK_ITEMS + rr_integer_of(index)])
               : progress;
}

static rr_progress
append_item(rr_machine *m, int container, int32_t word)
{
    int32_t *words = m->w + m->layout.containers[container];
    int64_t room = room_of(rr_fields_of(m, rr_object_of(words[1])));
    if (words[0] == room) {
        rr_progress progress = rr_replace_block(m, container, room + 1);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    rr_publish(m, NULL, -1, word);
    int32_t *items = &rr_fields_of(m, rr_object_of(words[1]))[RR_BLOCK_ITEMS];
    return rr_store_newest(m, &items[words[0]++], word);
}

static rr_progress
drop_item(rr_machine *m, int32_t *length, int32_t *items, int32_t i)
{
    rr_progress progress = RR_RAN;
    --*length;
    for (; i < *length && progress == RR_RAN; i++) {
        int32_t next = 0;
        progress = rr_load_newest(m, &items[i + 1], &next);
        if (progress == RR_RAN) {
            progress = rr_store_newest(m, &items[i], next);
        }
    }
    return progress == RR_RAN ? rr_store_newest(m, &items[*length], 0) : progress;
}

static rr_progress
resize(rr_machine *m, int container, int32_t word)
{
    if (!rr_is_integer(word)) {
        return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
    }
    int64_t room = rr_integer_of(word);
    return room < 0 ? rr_find(m, RR_OUT_OF_BOUNDS, -1) : rr_replace_block(m, container, room);
}

/* `remove` or `pop`: takes an item out, the last or the first that is equal. */
static rr_progress
take_item_out(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t wanted)
{
    int32_t *words = m->w + m->layout.containers[in->p[0]], found = 0;
    int32_t *items = rr_fields_of(m, rr_object_of(words[1])) + RR_BLOCK_ITEMS;
    bool pops = in->op == RR_OP_POP;
    rr_progress progress = RR_RAN;
    for (int32_t i = pops ? words[0] - 1 : 0; 0 <= i && i < words[0]; i++) {
        progress = rr_load_newest(m, &items[i], &found);
        if (progress == RR_RAN && (pops || found == wanted)) {
            rr_give(m, in, frame, found);
            return drop_item(m, words, items, i);
        }
        if (progress != RR_RAN) {
            return progress;
        }
    }
    rr_give(m, in, frame, 0);
    return RR_RAN;
}

static rr_progress
block_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int container = in->p[0];
    int32_t *words = m->w + m->layout.containers[container], word = 0;
    int32_t *items = rr_fields_of(m, rr_object_of(words[1])) + RR_BLOCK_ITEMS;
    if (in->op != RR_OP_LEN && in->op != RR_OP_POP) {
        rr_progress progress =
            rr_evaluate(m, frame + RR_FRAME_LOCALS, in->p[1], &word);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    switch (in->op) {
    case RR_OP_LEN:
        rr_give(m, in, frame, rr_word_of_integer(words[0]));
        return RR_RAN;
    case RR_OP_GET:
        return get_item(m, in, frame, items, words[0], word);
    case RR_OP_APPEND:
        return append_item(m, container, word);
    case RR_OP_RESIZE:
        return resize(m, container, word);
    default:
        return take_item_out(m, in, frame, word);
    }
}

rr_progress
rr_block_step(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    if (in->op == RR_OP_ITEMS) {
        return load_alone(m, in, frame, &m->w[m->layout.containers[in->p[0]] + 1]);
    }
    order_container(m, in->p[0], true);
    rr_progress progress = block_step(m, in, frame);
    if (progress == RR_RAN) {
        order_container(m, in->p[0], false);
    }
    return progress;
}
