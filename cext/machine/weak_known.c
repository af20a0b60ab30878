/* weak_known.c -- which accesses happen before a step, under C11: races, and the memory of
 * objects.
 */
#include "machine/internal.h"
#include "machine/views.h"

static uint64_t *
memory_of(const rr_machine *m)
{
    return rr_block_of(&m->shape, m->w);
}

static uint64_t *
actors_view(const rr_machine *m, int which)
{
    return rr_thread_view(&m->shape, memory_of(m), m->actor, which);
}

static uint32_t
known_to_actor(const rr_machine *m, int32_t known)
{
    return rr_known_at(rr_known(&m->shape, actors_view(m, RR_VIEW_CURRENT)), known);
}

/* A thread that settles what the others have left knows all that they did. */
static bool
is_tracked(const rr_machine *m)
{
    return m->actor < m->program->n_threads;
}

/* The block `end` has no bits: with 8 threads they would not fit. */
static uint32_t
bit_of(int thread, int kind, int n_kinds)
{
    return thread < RR_WEAK_THREADS ? UINT32_C(1) << (n_kinds * thread + kind) : 0;
}

static uint32_t
others(const rr_machine *m, int kind, int n_kinds)
{
    uint32_t bits = 0;
    for (int t = 0; t < m->program->n_threads; t++) {
        bits |= t == m->actor ? 0 : bit_of(t, kind, n_kinds);
    }
    return bits;
}

/* Reports the first thread of which something is missing. */
static rr_progress
race_with(rr_machine *m, int kind, int object, uint32_t missing, int n_kinds)
{
    int thread = 0;
    while (thread < m->program->n_threads &&
           !(missing >> (n_kinds * thread) & ((1u << n_kinds) - 1))) {
        thread++;
    }
    m->seen.rival = thread < m->program->n_threads ? thread : -1;
    return rr_find(m, kind, object);
}

static void
mark(rr_machine *m, int32_t known, uint32_t bits)
{
    if (!is_tracked(m)) {
        return;
    }
    rr_forget_known(&m->shape, memory_of(m), known, bits);
    rr_add_known(rr_known(&m->shape, actors_view(m, RR_VIEW_CURRENT)), known, bits);
    rr_add_known(rr_known(&m->shape, actors_view(m, RR_VIEW_PENDING)), known, bits);
}

static rr_progress
check_begun(rr_machine *m, int object)
{
    uint32_t known = known_to_actor(m, object);
    if (known & RR_KNOWN_INIT) {
        return RR_RAN;
    }
    m->seen.rival = -1;
    return rr_find(m, RR_DATA_RACE, object);
}

rr_progress
rr_touch_object(rr_machine *m, int object, bool marks)
{
    rr_progress progress = check_begun(m, object);
    if (progress == RR_RAN && marks) {
        mark(m, object, bit_of(m->actor, RR_KNOWN_ACCESS, RR_KNOWN_KINDS));
    }
    return progress;
}

rr_progress
rr_touch_payload(rr_machine *m, int object, bool writes)
{
    uint32_t known = known_to_actor(m, object);
    uint32_t needed = others(m, RR_KNOWN_WRITE, RR_KNOWN_KINDS);
    needed |= writes ? others(m, RR_KNOWN_READ, RR_KNOWN_KINDS) : 0;
    rr_progress progress = check_begun(m, object);
    if (progress != RR_RAN) {
        return progress;
    }
    if (needed & ~known) {
        return race_with(m, RR_DATA_RACE, object, needed & ~known, RR_KNOWN_KINDS);
    }
    mark(m, object,
         bit_of(m->actor, RR_KNOWN_ACCESS, RR_KNOWN_KINDS) |
             bit_of(m->actor, writes ? RR_KNOWN_WRITE : RR_KNOWN_READ, RR_KNOWN_KINDS));
    return RR_RAN;
}

/* The memory of an object is given back.  Its words begin anew, unless it is stable. */
rr_progress
rr_touch_free(rr_machine *m, int object)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = memory_of(m);
    uint32_t known = known_to_actor(m, object);
    uint32_t needed = others(m, RR_KNOWN_ACCESS, RR_KNOWN_KINDS);
    if (needed & ~known) {
        return race_with(m, RR_UNSYNCHRONISED_FREE, object, needed & ~known,
                         RR_KNOWN_KINDS);
    }
    rr_set_known(s, block, object, RR_KNOWN_INIT - 1);
    if (rr_machine_template(m, object)->stable) {
        return RR_RAN;
    }
    rr_set_known(s, block, object, RR_KNOWN_INIT);
    for (int32_t x = 0; x < s->n_locations; x++) {
        if (s->object_of[x] == object) {
            rr_location_reset(s, block, x);
            if (s->known_of[x] >= 0) {
                rr_set_known(s, block, s->known_of[x], UINT32_MAX);
            }
        }
    }
    for (int32_t i = 0; i < s->n_syncs; i++) {
        if (s->sync_object[i] == object) {
            rr_view_empty(s, rr_sync_view(s, block, i));
        }
    }
    return RR_RAN;
}

/* What initialises the words and locks of an object releases nothing. */
void
rr_touch_new(rr_machine *m, int object)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = memory_of(m);
    for (int32_t x = 0; x < s->n_locations; x++) {
        if (s->object_of[x] == object) {
            rr_location_reset(s, block, x);
            rr_view_know_nothing(s, rr_message_view(s, block, x, 0));
            rr_sources(s, block, x)[0] = m->clock;
        }
    }
    for (int32_t i = 0; i < s->n_syncs; i++) {
        if (s->sync_object[i] == object) {
            rr_view_know_nothing(s, rr_sync_view(s, block, i));
        }
    }
    rr_set_known(s, block, object, RR_KNOWN_INIT - 1);
    rr_forget_known(s, block, object, RR_KNOWN_INIT);
    rr_add_known(rr_known(s, actors_view(m, RR_VIEW_CURRENT)), object, RR_KNOWN_INIT);
    rr_add_known(rr_known(s, actors_view(m, RR_VIEW_PENDING)), object, RR_KNOWN_INIT);
    mark(m, object,
         bit_of(m->actor, RR_KNOWN_ACCESS, RR_KNOWN_KINDS) |
             bit_of(m->actor, RR_KNOWN_WRITE, RR_KNOWN_KINDS));
}

/* ---- cells that are accessed plainly -------------------------------------------------- */

rr_progress
rr_touch_cell(rr_machine *m, int32_t location)
{
    const rr_shape *s = &m->shape;
    int known = s->known_of[location];
    if (known < 0) {
        return RR_RAN;
    }
    bool is_plain = m->pick.order == RC_PLAIN, writes = m->pick.writes;
    uint32_t needed = others(m, RR_CELL_PLAIN_WRITE, RR_CELL_KINDS);
    if (is_plain) {
        needed |= others(m, RR_CELL_ATOMIC_WRITE, RR_CELL_KINDS);
    }
    if (writes) {
        needed |= others(m, RR_CELL_PLAIN_READ, RR_CELL_KINDS);
        needed |= is_plain ? others(m, RR_CELL_ATOMIC_READ, RR_CELL_KINDS) : 0;
    }
    uint32_t missing = needed & ~known_to_actor(m, known);
    if (missing) {
        return race_with(m, RR_DATA_RACE, s->object_of[location], missing,
                         RR_CELL_KINDS);
    }
    uint32_t bits = 0;
    if (m->pick.reads) {
        bits |= bit_of(m->actor, is_plain ? RR_CELL_PLAIN_READ : RR_CELL_ATOMIC_READ,
                       RR_CELL_KINDS);
    }
    if (writes) {
        bits |= bit_of(m->actor, is_plain ? RR_CELL_PLAIN_WRITE : RR_CELL_ATOMIC_WRITE,
                       RR_CELL_KINDS);
    }
    mark(m, known, bits);
    return RR_RAN;
}
