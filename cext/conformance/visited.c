/* visited.c -- a hash set of whole states, which is cleared in constant time. */
#include "conformance/visited.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum { FIRST_ROOM = 64, SLOTS_PER_STATE = 4 };

/* The limit on the bytes of states: room for thousands of the largest ones. */
#define MOST_BYTES ((size_t)16 << 20)

int
rr_visited_open(size_t n_words, rr_visited *out)
{
    *out = (rr_visited){
        .n_words = n_words + 1,
        .n_room = FIRST_ROOM,
        .states = rr_alloc(FIRST_ROOM * (n_words + 1), sizeof *out->states),
        .slots = rr_alloc((size_t)FIRST_ROOM * SLOTS_PER_STATE, sizeof *out->slots),
    };
    if (out->states == NULL || out->slots == NULL) {
        rr_visited_close(out);
        return RR_ENOMEM;
    }
    rr_visited_forget(out);
    return RR_OK;
}

void
rr_visited_close(rr_visited *visited)
{
    rr_free(visited->states);
    rr_free(visited->slots);
    *visited = (rr_visited){.n_words = 0};
}

void
rr_visited_forget(rr_visited *visited)
{
    visited->n_states = 0;
    if (++visited->search == 0) { /* wrapped: old marks would look new */
        memset(visited->slots, 0,
               visited->n_room * SLOTS_PER_STATE * sizeof *visited->slots);
        visited->search = 1;
    }
}

static int32_t *
state_at(const rr_visited *v, size_t i)
{
    return v->states + i * v->n_words;
}

static uint64_t
hash_of(const rr_visited *v, const int32_t *state)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < v->n_words; i++) {
        h = (h ^ (uint32_t)state[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

/* The slot of a state, or the free slot where it belongs. */
static uint64_t *
find(const rr_visited *v, const int32_t *state)
{
    size_t mask = v->n_room * SLOTS_PER_STATE - 1;
    for (size_t slot = (size_t)hash_of(v, state) & mask;; slot = (slot + 1) & mask) {
        uint64_t mark = v->slots[slot];
        if (mark >> 32 != v->search ||
            memcmp(state_at(v, (uint32_t)mark), state, v->n_words * sizeof *state) == 0) {
            return &v->slots[slot];
        }
    }
}

static bool
grow(rr_visited *v)
{
    size_t room = 2 * v->n_room;
    if (room * v->n_words * sizeof *v->states > MOST_BYTES) {
        return false;
    }
    int32_t *states =
        rr_realloc(v->states, v->n_room * v->n_words, room * v->n_words, sizeof *states);
    if (states == NULL) {
        return false;
    }
    v->states = states;
    uint64_t *slots = rr_alloc(room * SLOTS_PER_STATE, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    rr_free(v->slots);
    v->slots = slots;
    v->n_room = room;
    for (size_t i = 0; i < v->n_states; i++) {
        *find(v, state_at(v, i)) = (uint64_t)v->search << 32 | i;
    }
    return true;
}

bool
rr_visited_add(rr_visited *visited, const int32_t *words, uint32_t tag)
{
    rr_visited *v = visited;
    bool has_room = v->n_states + 1 < v->n_room || grow(v);
    int32_t *state = state_at(v, v->n_states); /* scratch: the last one is never in use */
    memcpy(state, words, (v->n_words - 1) * sizeof *state);
    state[v->n_words - 1] = (int32_t)tag;
    uint64_t *slot = find(v, state);
    bool is_new = *slot >> 32 != v->search;
    if (is_new && has_room) {
        *slot = (uint64_t)v->search << 32 | v->n_states++;
    }
    return is_new;
}
