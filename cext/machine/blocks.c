/* blocks.c -- containers whose items lie in a block of their own, which growing replaces.
 *
 * A block is memory without a count.  A thread that has read its address keeps it when
 * the container has another one: by then the block is freed, or, if the container delays
 * that, freed once each thread that was attached then has been quiescent, has detached or
 * has ended.
 *
 * Under C11 each item is a location, and so is the container's pointer to its block.  What
 * initialises a block is not atomic; the pointer to it is stored as by sequentially
 * consistent accesses, and so are the items that operations of the container read and write.
 * These operations are ordered by the container as by a lock, so they see the newest
 * values.  `items` and `at` are not: they may see old ones.
 */
#include "machine/blocks.h"

#include "machine/newest.h"

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

/* ---- accesses ------------------------------------------------------------------------ */

rr_progress
rr_load_newest(rr_machine *m, int32_t *word, int32_t *value)
{
    return rr_access_newest(m, word, RR_WANTS_VALUE, RC_SEQ_CST, value);
}

rr_progress
rr_store_newest(rr_machine *m, int32_t *word, int32_t value)
{
    return rr_access_newest(m, word, RR_STORES, RC_SEQ_CST, &value);
}

/* ---- blocks ---------------------------------------------------------------------------- */

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

/* Under C11: who frees a block has seen the last quiescent point of each thread, and that
 * the others have ended or are detached. */
static void
order_quiescence(rr_machine *m, bool is_free)
{
    if (m->is_weak) {
        (void)rr_synchronise(m, m->shape.quiescence_sync, is_free, !is_free, false);
    }
}

/* Under C11: a quiescent point that a free waits for, and the end of a detachment that it did
 * not wait for, come behind the replacement, as QSBR orders them by its sequence numbers. */
void
rr_order_replacements(rr_machine *m, bool is_replacement)
{
    if (m->is_weak && m->layout.delays_frees) {
        (void)rr_synchronise(m, m->shape.replaced_sync, !is_replacement, is_replacement,
                             false);
    }
}

/* Moves the items that fit to a new block, and frees the old one now or later. */
rr_progress
rr_replace_block(rr_machine *m, int container, int64_t room)
{
    int32_t *words = m->w + m->layout.containers[container];
    int old = rr_object_of(words[1]), block = -1;
    rr_progress progress = make_block(m, container, room, &block);
    if (progress != RR_RAN) {
        return progress;
    }
    words[0] = words[0] < room ? words[0] : (int32_t)room;
    for (int32_t k = 0; k < words[0] && progress == RR_RAN; k++) {
        progress = rr_load_newest(m, &rr_fields_of(m, old)[RR_BLOCK_ITEMS + k],
                        &rr_fields_of(m, block)[RR_BLOCK_ITEMS + k]);
    }
    if (progress == RR_RAN) {
        progress = rr_store_newest(m, &words[1], rr_word_of_object(block));
    }
    if (progress != RR_RAN) {
        return progress;
    }
    uint32_t waits_for =
        m->program->containers[container].delays ? attached_threads(m) : 0;
    rr_fields_of(m, old)[RR_BLOCK_WAITS_FOR] = word_of_threads(waits_for);
    if (m->program->containers[container].delays) {
        rr_order_replacements(m, true);
    }
    if (waits_for != 0) {
        return RR_RAN;
    }
    if (m->program->containers[container].delays) {
        order_quiescence(m, true);
    }
    return rr_free_memory(m, old);
}

rr_progress
rr_pass_quiescence(rr_machine *m, int thread)
{
    rr_progress progress = RR_RAN;
    bool is_detached = rr_machine_has_detached(m, thread);
    if (!is_detached || (m->seen.instr != NULL && m->seen.instr->op == RR_OP_DETACH)) {
        order_quiescence(m, false); /* a detached thread says nothing any more */
    }
    if (!is_detached) {
        rr_order_replacements(m, false);
    }
    for (int i = m->program->n_objects; i < m->layout.n_objects && progress == RR_RAN;
         i++) {
        const rr_template *t = rr_machine_template(m, i);
        if (t == NULL || t->kind != RR_ITEMS_MEMORY || rr_status_of(m, i) == RR_FREED) {
            continue;
        }
        int32_t *waits_for = &rr_fields_of(m, i)[RR_BLOCK_WAITS_FOR];
        uint32_t before = (uint32_t)rr_integer_of(*waits_for);
        uint32_t after = before & ~(UINT32_C(1) << thread);
        *waits_for = word_of_threads(after);
        if (before != 0 && after == 0) {
            order_quiescence(m, true);
            progress = rr_free_memory(m, i); /* its ledger is 0, and it is not freed yet */
        }
    }
    return progress;
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
