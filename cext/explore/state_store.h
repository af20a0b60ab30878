/* state_store.h -- the set of states found so far: packed into bytes, stored once,
 * numbered.
 *
 * Every word of a state takes 1, 2 or 4 bytes, the same for all states.  A state that
 * does not fit is reported, and the search starts again with wider words.
 */
#ifndef RR_STATE_STORE_H
#define RR_STATE_STORE_H

#include <stdbool.h>

#include "explore/pool.h"
#include "machine/weak.h"
#include "program/program.h"

/* A state's number is below RR_MAX_STATES (limits.def). */

typedef struct rr_state_store {
    int32_t n_words;
    const rr_shape *shape; /* of the memory under C11 behind the words; NULL: none */
    size_t row_bytes;      /* of the words alone */
    int width;          /* bytes of a word: 1, 2 or 4 */
    size_t state_bytes; /* packed: a multiple of 8 */
    rr_pool states;
    /* 0 where free; else number + 1, and above the bits that this may take, bits of the
     * hash: most states that are not the one sought are not even read. */
    uint32_t *table;
    uint64_t n_slots, n_room; /* most states before the table grows */
    uint32_t number_mask;
    rr_spill *spill; /* where the table is; NULL: in memory */
    bool is_lost; /* the states are gone: only how many there were is still known */
} rr_state_store;

int rr_state_store_open(rr_state_store *space, int32_t n_words, int width,
                        const rr_shape *shape, rr_spill *spill);
void rr_state_store_close(rr_state_store *space);

/* Frees the table, which is not needed once no more states are added. */
void rr_state_store_drop_table(rr_state_store *space);

/* Frees the states too; only how many there are is still known. */
void rr_state_store_drop_states(rr_state_store *space);

/* Packs into `out` (state_bytes); false if a word does not fit. */
bool rr_state_store_pack(const rr_state_store *space, const int32_t *w, char *out);
/* Packs a memory under C11 behind the words.  If it does not fit, it returns how many
 * bytes a state takes then, else 0. */
size_t rr_state_store_pack_memory(const rr_state_store *space, int32_t *w, char *out);
/* From now on a state takes more bytes.  After RR_ENOMEM no state may be added, and the
 * states may be lost: each old block was freed once it was copied. */
int rr_state_store_widen(rr_state_store *space, size_t state_bytes);
void rr_state_store_unpack(const rr_state_store *space, uint32_t state, int32_t *w);
/* The same of a packed state, which may be in another store of the same form. */
void rr_state_store_unpack_from(const rr_state_store *space, const char *packed,
                                int32_t *w);

uint64_t rr_state_store_hash(const rr_state_store *space, const char *packed);

/* The bits of a hash that are in a slot of the table.  The place of the slot depends on
 * others. */
static inline uint32_t
rr_state_store_tag(const rr_state_store *space, uint64_t hash)
{
    return (uint32_t)hash & ~space->number_mask;
}

/* The high half of the hash, as a fraction of the table. */
static inline uint64_t
rr_state_store_slot(const rr_state_store *space, uint64_t hash)
{
    return (hash >> 32) * space->n_slots >> 32;
}

static inline uint64_t
rr_state_store_next_slot(const rr_state_store *space, uint64_t slot)
{
    return slot + 1 == space->n_slots ? 0 : slot + 1;
}

static inline void
rr_state_store_prefetch(const rr_state_store *space, uint64_t hash)
{
    __builtin_prefetch(&space->table[rr_state_store_slot(space, hash)]);
}

/* Fetches the state that the table most likely names, when the place there has arrived. */
static inline void
rr_state_store_prefetch_state(const rr_state_store *space, uint64_t hash)
{
    uint64_t slot = rr_state_store_slot(space, hash);
    uint32_t tag = rr_state_store_tag(space, hash), mask = space->number_mask;
    while (space->table[slot] != 0) {
        if ((space->table[slot] & ~mask) == tag) {
            uint32_t number = space->table[slot] & mask;
            __builtin_prefetch(rr_pool_at(&space->states, number - 1));
            return;
        }
        slot = rr_state_store_next_slot(space, slot);
    }
}

/* Returns the number of a packed state, and adds it if it is new. */
int rr_state_store_intern(rr_state_store *space, const char *packed, uint64_t hash, uint32_t *out,
                    bool *is_new);

uint64_t rr_state_store_bytes(const rr_state_store *space);

#endif
