/* test_pool.c -- pools keep their items in place, and hold little more than these. */
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/pair_table.h"
#include "explore/pool.h"
#include "tests/testing.h"

static bool
fill(rr_pool *pool, uint64_t n)
{
    void *place;
    for (uint64_t i = pool->n_items; i < n; i++) {
        if (rr_pool_add(pool, &place) != RR_OK) {
            return false;
        }
        *(uint64_t *)place = i;
    }
    return true;
}

TEST(items_stay_where_they_are_while_a_pool_grows)
{
    rr_pool pool;
    rr_pool_open(&pool, 24, NULL);
    bool is_full = fill(&pool, 1);
    const uint64_t *first = rr_pool_at(&pool, 0);

    is_full = is_full && fill(&pool, 500000);

    uint64_t n_wrong = first != rr_pool_at(&pool, 0);
    for (uint64_t i = 0; is_full && i < pool.n_items; i++) {
        n_wrong += *(uint64_t *)rr_pool_at(&pool, i) != i;
    }
    rr_pool_close(&pool);
    CHECK(is_full);
    CHECK_EQUAL((int64_t)n_wrong, 0);
}

TEST(what_is_reserved_is_added_without_moving_the_list_of_chunks)
{
    const uint64_t more[] = {1, 3000, 500000};
    uint64_t n_wrong = 0;
    for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
        rr_pool pool;
        rr_pool_open(&pool, 24, NULL);
        n_wrong += !fill(&pool, 100000 * k) ||
                   rr_pool_reserve(&pool, more[k]) != RR_OK;
        char *const *chunks = pool.chunks;
        n_wrong += !fill(&pool, 100000 * k + more[k]) || pool.chunks != chunks;
        rr_pool_close(&pool);
    }
    CHECK_EQUAL((int64_t)n_wrong, 0);
}

/* A sixteenth, what chunks lack to whole huge pages, and a chunk. */
TEST(a_pool_holds_little_more_than_its_items)
{
    const size_t sizes[] = {1, 4, 8, 24, 40, 72, 1000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        rr_pool pool;
        rr_pool_open(&pool, sizes[k], NULL);
        uint64_t n_over = 0, most = 40 << 20;
        for (uint64_t bytes = 1 << 18; bytes <= most; bytes += 1 << 18) {
            CHECK_EQUAL(rr_pool_resize(&pool, bytes / sizes[k]), RR_OK);
            n_over += rr_pool_bytes(&pool) > bytes + bytes / 10 + (1 << 16);
        }
        rr_pool_close(&pool);
        CHECK_EQUAL((int64_t)n_over, 0);
    }
}

TEST(what_is_dropped_is_no_longer_held)
{
    rr_pool pool;
    rr_pool_open(&pool, 8, NULL);
    bool is_full = true;
    uint64_t most = 0;
    for (uint64_t n = 0; is_full && n < 4000000; n += 1000) {
        is_full = fill(&pool, n + 1000);
        rr_pool_drop(&pool, n);
        most = rr_pool_bytes(&pool) > most ? rr_pool_bytes(&pool) : most;
    }
    rr_pool_close(&pool);
    CHECK(is_full);
    /* Of 32 MB: the block that is used, and the next. */
    CHECK(most < 9 << 20);
}

TEST(only_the_pages_of_pairs_that_were_reached_are_held)
{
    rr_pair_table table;
    CHECK_EQUAL(rr_pair_table_open(&table, 1000000, false, NULL), RR_OK);
    for (uint32_t pair = 0; pair < 1000000; pair += 1000) {
        rr_pair_page *page = rr_pair_table_page(&table, pair);
        CHECK(page != NULL);
        page->parent[pair % RR_IN_PAGE] = pair + 1;
    }
    uint32_t n_wrong = 0;
    for (uint32_t pair = 0; pair < 1000000; pair++) {
        uint32_t expected = pair % 1000 == 0 ? pair + 1 : 0;
        n_wrong += rr_pair_table_parent(&table, pair) != expected;
    }
    uint64_t held = rr_pair_table_bytes(&table);
    rr_pair_table_close(&table);
    CHECK_EQUAL(n_wrong, 0);
    CHECK(held < 400000); /* a quarter of a byte a pair, and 1,000 pages of 64 bytes */
}
