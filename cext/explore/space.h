/* space.h -- the set of states met so far: each packed into bytes, stored once, numbered.
 *
 * A word of a state takes 1, 2 or 4 bytes, the same for all; a state that does not fit
 * is reported, and the search is begun again with more.
 */
#ifndef RR_SPACE_H
#define RR_SPACE_H

#include <stdbool.h>

#include "explore/pool.h"
#include "program/program.h"

/* A state's number is below RR_MAX_STATES (limits.def). */

typedef struct rr_space {
    int32_t n_words;
    int width;          /* bytes of a word: 1, 2 or 4 */
    size_t state_bytes; /* packed: a multiple of 8 */
    rr_pool states;
    uint32_t *table; /* number + 1, 0 where free */
    uint64_t n_slots; /* a power of 2 */
} rr_space;

int rr_space_open(rr_space *space, int32_t n_words, int width);
void rr_space_close(rr_space *space);

/* The table is of no use once no state is added any more. */
void rr_space_drop_table(rr_space *space);

/* Pack into `out` (state_bytes); false if a word does not fit. */
bool rr_space_pack(const rr_space *space, const int32_t *w, char *out);
void rr_space_unpack(const rr_space *space, uint32_t state, int32_t *w);

uint64_t rr_space_hash(const rr_space *space, const char *packed);

static inline void
rr_space_prefetch(const rr_space *space, uint64_t hash)
{
    __builtin_prefetch(&space->table[hash & (space->n_slots - 1)]);
}

/* The number of a packed state; a new one if it was not met before. */
int rr_space_intern(rr_space *space, const char *packed, uint64_t hash, uint32_t *out,
                    bool *is_new);

uint64_t rr_space_bytes(const rr_space *space);

#endif
