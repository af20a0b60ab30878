/* pool.h -- an array that grows without moving: chunks of equal size.
 *
 * Growing never copies, so the peak of memory is what is held, and pointers into a chunk
 * stay valid.  Chunks are allocated in blocks that grow with the pool: a small pool is
 * small, and the blocks of a large one have huge pages.
 */
#ifndef RR_POOL_H
#define RR_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/rr_spill.h"

typedef struct rr_pool {
    char **chunks;
    uint32_t n_chunks, n_room, n_dropped;
    uint64_t n_items;
    size_t item_bytes;
    unsigned shift; /* a chunk has 1 << shift items */
    uint64_t bytes; /* held, with what the blocks are rounded up to */
    rr_spill *spill; /* where the blocks are; NULL: in memory */
} rr_pool;

void rr_pool_open(rr_pool *pool, size_t item_bytes, rr_spill *spill);
void rr_pool_close(rr_pool *pool);

/* The next n items are added without moving the list of chunks, so that other threads may
 * read items that are there meanwhile. */
int rr_pool_reserve(rr_pool *pool, uint64_t n_items);

/* Adds one item, zeroed; RR_ENOMEM if there is no memory. */
int rr_pool_add(rr_pool *pool, void **out);

/* Items before this one are no longer used. */
void rr_pool_drop(rr_pool *pool, uint64_t before);

/* Resizes to n items, the new ones zeroed. */
int rr_pool_resize(rr_pool *pool, uint64_t n_items);

static inline void *
rr_pool_at(const rr_pool *pool, uint64_t i)
{
    uint64_t within = i & ((UINT64_C(1) << pool->shift) - 1);
    return pool->chunks[i >> pool->shift] + within * pool->item_bytes;
}

/* Bytes held. */
static inline uint64_t
rr_pool_bytes(const rr_pool *pool)
{
    return pool->bytes;
}

#endif
