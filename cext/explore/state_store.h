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
#include "program/program.h"

/* A state's number is below RR_MAX_STATES (limits.def). */

typedef struct rr_state_store {
    int32_t n_words;
    int width;          /* bytes of a word: 1, 2 or 4 */
    size_t state_bytes; /* packed: a multiple of 8 */
    rr_pool states;
    uint32_t *table; /* number + 1, 0 where free */
    uint64_t n_slots; /* a power of 2 */
} rr_state_store;

int rr_state_store_open(rr_state_store *space, int32_t n_words, int width);
void rr_state_store_close(rr_state_store *space);

/* Frees the table, which is not needed once no more states are added. */
void rr_state_store_drop_table(rr_state_store *space);

/* Packs into `out` (state_bytes); false if a word does not fit. */
bool rr_state_store_pack(const rr_state_store *space, const int32_t *w, char *out);
void rr_state_store_unpack(const rr_state_store *space, uint32_t state, int32_t *w);

uint64_t rr_state_store_hash(const rr_state_store *space, const char *packed);

static inline void
rr_state_store_prefetch(const rr_state_store *space, uint64_t hash)
{
    __builtin_prefetch(&space->table[hash & (space->n_slots - 1)]);
}

/* Returns the number of a packed state, and adds it if it is new. */
int rr_state_store_intern(rr_state_store *space, const char *packed, uint64_t hash, uint32_t *out,
                    bool *is_new);

uint64_t rr_state_store_bytes(const rr_state_store *space);

#endif
