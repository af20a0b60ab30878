/* pool.c -- allocates chunks on demand. */
#include "explore/pool.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum { CHUNK_BYTES = 1 << 16 };

void
rr_pool_open(rr_pool *pool, size_t item_bytes)
{
    *pool = (rr_pool){.item_bytes = item_bytes};
    while ((item_bytes << (pool->shift + 1)) <= CHUNK_BYTES) {
        pool->shift++;
    }
}

void
rr_pool_close(rr_pool *pool)
{
    for (uint32_t i = 0; i < pool->n_chunks; i++) {
        rr_free(pool->chunks[i]);
    }
    rr_free(pool->chunks);
    *pool = (rr_pool){.item_bytes = pool->item_bytes, .shift = pool->shift};
}

static int
add_chunk(rr_pool *pool)
{
    if (pool->n_chunks == pool->n_room) {
        uint32_t n_room = pool->n_room == 0 ? 8 : 2 * pool->n_room;
        char **chunks =
            rr_realloc(pool->chunks, pool->n_room, n_room, sizeof *pool->chunks);
        if (chunks == NULL) {
            return RR_ENOMEM;
        }
        pool->chunks = chunks;
        pool->n_room = n_room;
    }
    char *chunk = rr_alloc((size_t)1 << pool->shift, pool->item_bytes);
    if (chunk == NULL) {
        return RR_ENOMEM;
    }
    pool->chunks[pool->n_chunks++] = chunk;
    return RR_OK;
}

int
rr_pool_add(rr_pool *pool, void **out)
{
    if (pool->n_items >> pool->shift == pool->n_chunks) {
        int status = add_chunk(pool);
        if (status != RR_OK) {
            return status;
        }
    }
    *out = rr_pool_at(pool, pool->n_items++);
    return RR_OK;
}

int
rr_pool_resize(rr_pool *pool, uint64_t n_items)
{
    while ((uint64_t)pool->n_chunks << pool->shift < n_items) {
        int status = add_chunk(pool);
        if (status != RR_OK) {
            return status;
        }
    }
    pool->n_items = n_items;
    return RR_OK;
}

void
rr_pool_drop(rr_pool *pool, uint64_t before)
{
    while (pool->n_dropped < before >> pool->shift) {
        rr_free(pool->chunks[pool->n_dropped]);
        pool->chunks[pool->n_dropped++] = NULL;
    }
}
