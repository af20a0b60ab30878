/* pool.c -- allocates blocks of chunks on demand. */
#include "explore/pool.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

/* The largest block is a multiple of a huge page. */
enum { CHUNK_BYTES = 1 << 16, MOST_BLOCK_BYTES = 1 << 26, GROWS_BY = 16 };

void
rr_pool_open(rr_pool *pool, size_t item_bytes, rr_spill *spill)
{
    *pool = (rr_pool){.item_bytes = item_bytes, .spill = spill};
    while ((item_bytes << (pool->shift + 1)) <= CHUNK_BYTES) {
        pool->shift++;
    }
}

static size_t
chunk_bytes(const rr_pool *pool)
{
    return pool->item_bytes << pool->shift;
}

/* How many chunks the block has that begins with this one: it adds a sixteenth to what is
 * before it, so that no pool holds much more than it uses.  A large block fills its huge
 * pages. */
static uint32_t
chunks_of_block(const rr_pool *pool, uint32_t chunk)
{
    size_t most = chunk / GROWS_BY * chunk_bytes(pool);
    most = most < MOST_BLOCK_BYTES ? most : MOST_BLOCK_BYTES;
    most -= most > RR_HUGE_BYTES ? most % RR_HUGE_BYTES : 0;
    uint32_t n = (uint32_t)(most / chunk_bytes(pool));
    return n > 0 ? n : 1;
}

static size_t
block_bytes(const rr_pool *pool, uint32_t chunk)
{
    return rr_alloc_held(chunks_of_block(pool, chunk), chunk_bytes(pool));
}

/* pre: the chunk begins a block that is still there. */
static void
free_block(rr_pool *pool, uint32_t chunk)
{
    rr_spill_free(pool->spill, pool->chunks[chunk], chunks_of_block(pool, chunk),
                  chunk_bytes(pool));
    pool->bytes -= block_bytes(pool, chunk);
}

void
rr_pool_close(rr_pool *pool)
{
    for (uint32_t i = pool->n_dropped; i < pool->n_chunks; i += chunks_of_block(pool, i)) {
        free_block(pool, i);
    }
    rr_free(pool->chunks);
    *pool = (rr_pool){
        .item_bytes = pool->item_bytes,
        .shift = pool->shift,
        .spill = pool->spill,
    };
}

static int
make_room(rr_pool *pool, uint64_t n_chunks)
{
    if (n_chunks > pool->n_room) {
        uint32_t n_room = pool->n_room == 0 ? 8 : 2 * pool->n_room;
        while (n_room < n_chunks) {
            n_room *= 2;
        }
        char **chunks =
            rr_realloc(pool->chunks, pool->n_room, n_room, sizeof *pool->chunks);
        if (chunks == NULL) {
            return RR_ENOMEM;
        }
        pool->chunks = chunks;
        pool->n_room = n_room;
    }
    return RR_OK;
}

static int
add_block(rr_pool *pool)
{
    uint32_t n = chunks_of_block(pool, pool->n_chunks);
    if (make_room(pool, (uint64_t)pool->n_chunks + n) != RR_OK) {
        return RR_ENOMEM;
    }
    char *block = rr_spill_alloc(pool->spill, n, chunk_bytes(pool), RR_SPILL_IN_ORDER);
    if (block == NULL) {
        return RR_ENOMEM;
    }
    pool->bytes += block_bytes(pool, pool->n_chunks);
    for (uint32_t i = 0; i < n; i++) {
        pool->chunks[pool->n_chunks++] = block + i * chunk_bytes(pool);
    }
    return RR_OK;
}

/* The last block may have more chunks than are needed. */
int
rr_pool_reserve(rr_pool *pool, uint64_t n_items)
{
    uint64_t n_chunks = ((pool->n_items + n_items) >> pool->shift) + 1;
    return make_room(pool, n_chunks + n_chunks / GROWS_BY + 1);
}

int
rr_pool_add(rr_pool *pool, void **out)
{
    if (pool->n_items >> pool->shift == pool->n_chunks) {
        int status = add_block(pool);
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
        int status = add_block(pool);
        if (status != RR_OK) {
            return status;
        }
    }
    pool->n_items = n_items;
    return RR_OK;
}

/* A block is freed once all of its items are dropped. */
void
rr_pool_drop(rr_pool *pool, uint64_t before)
{
    uint32_t n;
    while (n = chunks_of_block(pool, pool->n_dropped),
           pool->n_dropped + n <= before >> pool->shift) {
        free_block(pool, pool->n_dropped);
        pool->n_dropped += n;
    }
}
