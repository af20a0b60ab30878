/* walk_state.c -- takes up a state again, and reads its messages and views. */
#include "explore/walk_state.h"

#include "explore/memory_pack.h"
#include "machine/may_still.h"
#include "machine/views.h"

size_t
rr_walk_memory_bytes(const rr_walk *walk)
{
    return walk->m->is_weak ? rr_memory_bytes(&walk->m->shape) : 0;
}

size_t
rr_walk_keep_memory(const rr_walk *walk, char *out)
{
    const rr_machine *m = walk->m;
    return m->is_weak ? rr_pack_memory(&m->shape, m->w, out) : 0;
}

rr_progress
rr_walk_resume(rr_walk *walk, const char *memory)
{
    rr_machine *m = walk->m;
    if (m->is_weak && memory != NULL) {
        const rr_shape *s = &m->shape;
        rr_unpack_memory(s, memory, m->w);
        uint64_t *block = rr_block_of(s, m->w);
        uint16_t number = 0;
        for (int32_t x = 0; x < s->n_locations; x++) {
            for (int p = 0; p < rr_list_of(s, block, x)->n; p++) {
                rr_sources(s, block, x)[p] = ++number;
            }
        }
    }
    walk->kinds = 0;
    walk->last = -1;
    walk->n_preemptions = 0;
    walk->n_steps = RR_WALK_NEW;
    return rr_walk_look(walk, RR_RAN);
}

int32_t
rr_walk_most_messages(const rr_walk *walk)
{
    const rr_shape *s = &walk->m->shape;
    return walk->m->is_weak ? s->n_locations * s->room : 0;
}

/* The threads that may still read the location, or change it; only they may read a message
 * of it that is not older than what they know. */
static uint32_t
readers_of(const rr_machine *m, int32_t x, int at, int32_t value)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = rr_block_of(s, m->w);
    uint32_t readers = 0;
    for (int t = 0; t < m->layout.n_threads; t++) {
        rr_still room;
        const rr_still *still = rr_still_of(m, t, &room);
        uint64_t reads =
            still->loads | still->changes | (value == 0 ? still->loads_zero : 0);
        const uint64_t *current = rr_thread_view(s, block, t, RR_VIEW_CURRENT);
        if ((reads & s->classes[x]) && ((const uint8_t *)current)[x] <= at) {
            readers |= UINT32_C(1) << t;
        }
    }
    return readers;
}

int32_t
rr_walk_messages(const rr_walk *walk, rr_message *out)
{
    const rr_machine *m = walk->m;
    const rr_shape *s = &m->shape;
    int32_t n = 0;
    if (!m->is_weak) {
        return 0;
    }
    uint64_t *block = rr_block_of(s, m->w);
    for (int32_t x = 0; x < s->n_locations; x++) {
        int n_here = rr_list_of(s, block, x)->n;
        for (int p = 0; p < n_here; p++) {
            bool is_newest = p == n_here - 1;
            int32_t value =
                is_newest ? m->w[s->word_of[x]] : rr_old_values(s, block, x)[p];
            out[n++] = (rr_message){
                .word = s->word_of[x],
                .value = value,
                .source = rr_sources(s, block, x)[p],
                .is_newest = is_newest,
                .readers = n_here > 1 ? readers_of(m, x, p, value) : 0,
            };
        }
    }
    return n;
}

int32_t
rr_walk_most_unordered(const rr_walk *walk)
{
    const rr_machine *m = walk->m;
    return m->is_weak ? m->layout.n_threads * m->shape.n_known : 0;
}

/* The other threads of which a bit is missing. */
static uint32_t
others_of(const rr_machine *m, uint32_t known, int thread, int n_kinds)
{
    uint32_t others = 0, all = (UINT32_C(1) << n_kinds) - 1;
    for (int t = 0; t < m->program->n_threads; t++) {
        bool knows_all = (~known >> (n_kinds * t) & all) == 0;
        others |= (uint32_t)(t != thread && !knows_all) << t;
    }
    return others;
}

int32_t
rr_walk_unordered(const rr_walk *walk, rr_unordered *out)
{
    const rr_machine *m = walk->m;
    const rr_shape *s = &m->shape;
    int32_t n = 0;
    for (int t = 0; m->is_weak && t < m->layout.n_threads; t++) {
        uint64_t *block = rr_block_of(s, m->w);
        const uint64_t *known = rr_known(s, rr_thread_view(s, block, t, RR_VIEW_CURRENT));
        for (int32_t i = 0; i < s->n_objects; i++) {
            uint32_t bits = rr_known_at(known, i);
            rr_unordered row = {t, i, -1, others_of(m, bits, t, RR_KNOWN_KINDS),
                                !(bits & RR_KNOWN_INIT)};
            if (row.others != 0 || row.is_new) {
                out[n++] = row;
            }
        }
        for (int32_t x = 0; x < s->n_locations; x++) {
            if (s->known_of[x] >= 0) {
                uint32_t bits = rr_known_at(known, s->known_of[x]);
                rr_unordered row = {t, -1, s->word_of[x],
                                    others_of(m, bits, t, RR_CELL_KINDS), false};
                if (row.others != 0) {
                    out[n++] = row;
                }
            }
        }
    }
    return n;
}
