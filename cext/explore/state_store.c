/* state_store.c -- an open-addressing table of numbers; the states are in a pool. */
#include "explore/state_store.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/memory_pack.h"

enum { FIRST_SLOTS = 1 << 10, LARGE_SLOTS = 1 << 20, FIRST_MEMORY_BYTES = 32 };

static int rehash(rr_state_store *space, uint64_t n_slots);

int
rr_state_store_open(rr_state_store *space, int32_t n_words, int width,
                    const rr_shape *shape, rr_spill *spill)
{
    size_t row = (size_t)n_words * (size_t)width;
    size_t bytes = row + (shape == NULL ? 0 : FIRST_MEMORY_BYTES);
    *space = (rr_state_store){
        .n_words = n_words,
        .shape = shape,
        .row_bytes = row,
        .width = width,
        .state_bytes = (bytes + 7) / 8 * 8,
        .spill = spill,
    };
    rr_pool_open(&space->states, space->state_bytes, spill);
    return rehash(space, FIRST_SLOTS);
}

void
rr_state_store_drop_table(rr_state_store *space)
{
    rr_spill_free(space->spill, space->table, (size_t)space->n_slots, sizeof *space->table);
    space->table = NULL;
    space->n_slots = space->n_room = 0;
}

void
rr_state_store_drop_states(rr_state_store *space)
{
    uint64_t n_states = space->states.n_items;
    rr_pool_close(&space->states);
    space->states.n_items = n_states;
}

void
rr_state_store_close(rr_state_store *space)
{
    rr_state_store_drop_table(space);
    rr_pool_close(&space->states);
}

/* ---- packing -------------------------------------------------------------------- */

/* A value does not fit a narrow word if bits differ from its sign.  Collecting these bits
 * keeps the loops free of branches, so that the compiler vectorises them. */
bool
rr_state_store_pack(const rr_state_store *space, const int32_t *restrict w, char *restrict out)
{
    int32_t n = space->n_words;
    int32_t lost = 0;
    memset(out + space->state_bytes - 8, 0, 8);
    if (space->width == 1) {
        int8_t *bytes = (int8_t *)out;
        for (int32_t i = 0; i < n; i++) {
            lost |= w[i] ^ (int8_t)w[i];
            bytes[i] = (int8_t)w[i];
        }
    }
    else if (space->width == 2) {
        for (int32_t i = 0; i < n; i++) {
            int16_t word = (int16_t)w[i];
            lost |= w[i] ^ word;
            memcpy(out + 2 * (size_t)i, &word, 2);
        }
    }
    else {
        memcpy(out, w, (size_t)n * sizeof *w);
    }
    return lost == 0;
}

void
rr_state_store_unpack_from(const rr_state_store *space, const char *restrict packed,
                           int32_t *restrict w)
{
    int32_t n = space->n_words;
    if (space->width == 1) {
        const int8_t *bytes = (const int8_t *)packed;
        for (int32_t i = 0; i < n; i++) {
            w[i] = bytes[i];
        }
    }
    else if (space->width == 2) {
        for (int32_t i = 0; i < n; i++) {
            int16_t word;
            memcpy(&word, packed + 2 * (size_t)i, 2);
            w[i] = word;
        }
    }
    else {
        memcpy(w, packed, (size_t)n * sizeof *w);
    }
    if (space->shape != NULL) {
        rr_unpack_memory(space->shape, packed + space->row_bytes, w);
    }
}

void
rr_state_store_unpack(const rr_state_store *space, uint32_t state, int32_t *w)
{
    rr_state_store_unpack_from(space, rr_pool_at(&space->states, state), w);
}

/* The memory is packed into a buffer with room for the largest. */
size_t
rr_state_store_pack_memory(const rr_state_store *space, int32_t *w, char *out)
{
    if (space->shape == NULL) {
        return 0;
    }
    size_t n = space->row_bytes + rr_pack_memory(space->shape, w, out + space->row_bytes);
    if (n > space->state_bytes) {
        size_t wider = n + n / 2, widest = space->row_bytes + rr_memory_bytes(space->shape);
        return ((wider < widest ? wider : widest) + 7) / 8 * 8;
    }
    memset(out + n, 0, space->state_bytes - n);
    return 0;
}

int
rr_state_store_widen(rr_state_store *space, size_t state_bytes)
{
    rr_pool wider;
    rr_pool_open(&wider, state_bytes, space->spill);
    for (uint64_t i = 0; i < space->states.n_items; i++) {
        void *place;
        if (rr_pool_add(&wider, &place) != RR_OK) {
            rr_pool_close(&wider);
            rr_state_store_drop_states(space);
            space->is_lost = true;
            return RR_ENOMEM;
        }
        memcpy(place, rr_pool_at(&space->states, i), space->state_bytes);
        rr_pool_drop(&space->states, i);
    }
    rr_pool_close(&space->states);
    space->states = wider;
    space->state_bytes = state_bytes;
    return rehash(space, space->n_slots);
}

/* ---- hashing -------------------------------------------------------------------- */

/* Eight bytes at a time: multiply, and fold in the high half. */
uint64_t
rr_state_store_hash(const rr_state_store *space, const char *packed)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < space->state_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, packed + i, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

/* Compares whole words, without a call: most states differ in the first word. */
static inline bool
is_same(const rr_state_store *space, uint32_t state, const char *packed)
{
    const char *stored = rr_pool_at(&space->states, state);
    for (size_t i = 0; i < space->state_bytes; i += 8) {
        uint64_t a, b;
        memcpy(&a, stored + i, 8);
        memcpy(&b, packed + i, 8);
        if (a != b) {
            return false;
        }
    }
    return true;
}

/* pre: the state is not in the table, which has room for it. */
static void
insert(rr_state_store *space, uint64_t hash, uint32_t state)
{
    uint64_t slot = rr_state_store_slot(space, hash);
    while (space->table[slot] != 0) {
        slot = rr_state_store_next_slot(space, slot);
    }
    space->table[slot] = (state + 1) | rr_state_store_tag(space, hash);
}

/* While one place in the table is filled, the next ones are fetched. */
enum { AHEAD = 16 };

/* The old table is not needed, and is freed first.  After RR_ENOMEM there is none. */
static int
rehash(rr_state_store *space, uint64_t n_slots)
{
    rr_state_store_drop_table(space);
    uint32_t *table =
        rr_spill_alloc(space->spill, (size_t)n_slots, sizeof *table, RR_SPILL_ALL_OVER);
    if (table == NULL) {
        return RR_ENOMEM;
    }
    space->table = table;
    space->n_slots = n_slots;
    space->n_room = n_slots / 4 * 3;
    space->number_mask = 0;
    while (space->number_mask < space->n_room) {
        space->number_mask = 2 * space->number_mask + 1;
    }
    uint64_t hashes[AHEAD] = {0}, n = space->states.n_items;
    for (uint64_t i = 0; i < n + AHEAD; i++) {
        uint64_t *hash = &hashes[i % AHEAD];
        if (i >= AHEAD) {
            insert(space, *hash, (uint32_t)(i - AHEAD));
        }
        if (i < n) {
            *hash = rr_state_store_hash(space, rr_pool_at(&space->states, i));
            rr_state_store_prefetch(space, *hash);
        }
    }
    return RR_OK;
}

/* A large table grows by less, so that it is never much larger than it has to be. */
static uint64_t
more_slots(uint64_t n_slots)
{
    return n_slots < LARGE_SLOTS ? n_slots / 2 * 3 : n_slots / 4 * 5;
}

int
rr_state_store_intern(rr_state_store *space, const char *packed, uint64_t hash, uint32_t *out,
                bool *is_new)
{
    if (space->states.n_items == space->n_room) {
        uint64_t n_slots = more_slots(space->n_slots);
        int status = rehash(space, n_slots < UINT32_MAX ? n_slots : UINT32_MAX);
        if (status != RR_OK) {
            return status;
        }
    }
    uint64_t slot = rr_state_store_slot(space, hash);
    uint32_t tag = rr_state_store_tag(space, hash), mask = space->number_mask;
    while (space->table[slot] != 0) {
        uint32_t state = (space->table[slot] & mask) - 1;
        if ((space->table[slot] & ~mask) == tag && is_same(space, state, packed)) {
            *out = state;
            *is_new = false;
            return RR_OK;
        }
        slot = rr_state_store_next_slot(space, slot);
    }
    if (space->states.n_items >= RR_MAX_STATES) {
        return RR_ENOMEM;
    }
    void *place;
    int status = rr_pool_add(&space->states, &place);
    if (status != RR_OK) {
        return status;
    }
    memcpy(place, packed, space->state_bytes);
    *out = (uint32_t)(space->states.n_items - 1);
    space->table[slot] = (*out + 1) | tag;
    *is_new = true;
    return RR_OK;
}

uint64_t
rr_state_store_bytes(const rr_state_store *space)
{
    return rr_pool_bytes(&space->states) +
           rr_alloc_held((size_t)space->n_slots, sizeof *space->table);
}
