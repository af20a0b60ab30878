/* test_alloc.c -- the allocator: zeroed, aligned, counted, and made to fail on time. */
#include <stdio.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "tests/testing.h"

static bool
is_zeroed(const void *block, size_t n)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

TEST(a_block_is_zeroed_and_aligned_whatever_was_there_before)
{
    for (size_t n = 1; n <= 3 * RR_CACHE_BYTES; n++) {
        unsigned char *block = rr_alloc(n, 1);
        CHECK(block != NULL);
        CHECK((uintptr_t)block % RR_CACHE_BYTES == 0);
        CHECK(is_zeroed(block, n));
        memset(block, 0xa5, n);
        rr_free(block);
    }
}

TEST(room_is_aligned_counted_and_refused_as_a_block_is)
{
    unsigned char *room = rr_alloc_room(3, RR_HUGE_BYTES);
    CHECK(room != NULL);
    CHECK((uintptr_t)room % RR_CACHE_BYTES == 0);
    CHECK_EQUAL(rr_alloc_live(), 1);
    room[3 * RR_HUGE_BYTES - 1] = 1;
    rr_free(room);
    CHECK_EQUAL(rr_alloc_live(), 0);
    CHECK(rr_alloc_room(SIZE_MAX / 2 + 1, 2) == NULL);
}

TEST(a_large_block_is_zeroed_and_counted_and_keeps_its_bytes_when_it_grows)
{
    for (size_t n = RR_HUGE_BYTES - 1; n <= RR_HUGE_BYTES + 1; n++) {
        unsigned char *block = rr_alloc(n, 1);
        CHECK(block != NULL);
        CHECK_EQUAL(rr_alloc_live(), 1);
        CHECK(is_zeroed(block, n));
        memset(block, 0xa5, n);
        block = rr_realloc(block, n, 2 * n, 1);
        CHECK(block != NULL);
        CHECK_EQUAL(rr_alloc_live(), 1);
        CHECK_EQUAL(block[n - 1], 0xa5);
        rr_free(block);
    }
}

TEST(a_mapped_block_is_zeroed_whatever_was_there_before)
{
    for (size_t n = (1 << 18) - 1; n <= (1 << 18) + 1; n++) {
        unsigned char *block = rr_alloc(n, 1);
        CHECK(block != NULL);
        CHECK((uintptr_t)block % RR_CACHE_BYTES == 0);
        CHECK(is_zeroed(block, n));
        memset(block, 0xa5, n);
        rr_free(block);
    }
}

/* Not under sanitizers, nor where large blocks are malloc's. */
static bool
has_mappings(void)
{
    bool is_mapped = true;
    for (int i = 0; i < 4; i++) {
        void *block = rr_alloc(1, 1 << 18);
        is_mapped &= (uintptr_t)block % RR_HUGE_BYTES == 0;
        rr_free(block);
    }
    return is_mapped;
}

/* Pages of this process: of its address space, and in memory. */
static bool
pages_now(long *space, long *resident)
{
    FILE *file = fopen("/proc/self/statm", "r");
    bool is_read = file != NULL && fscanf(file, "%ld %ld", space, resident) == 2;
    if (file != NULL) {
        (void)fclose(file);
    }
    return is_read;
}

TEST(blocks_that_are_mapped_take_little_more_than_their_bytes)
{
    enum { N = 40, BYTES = 1 << 18, SMALLEST_PAGE = 1 << 12 };
    long space, resident, space_then, resident_then;
    if (!has_mappings() || !pages_now(&space, &resident)) {
        return;
    }
    void *blocks[N];
    for (int i = 0; i < N; i++) {
        blocks[i] = rr_alloc(BYTES, 1);
        CHECK(blocks[i] != NULL);
    }
    CHECK(pages_now(&space_then, &resident_then));
    for (int i = 0; i < N; i++) {
        rr_free(blocks[i]);
    }
    CHECK(space_then - space < 2L * N * BYTES / SMALLEST_PAGE);
    CHECK(resident_then - resident < 2L * N * BYTES / SMALLEST_PAGE);
}

TEST(large_room_is_mapped_and_takes_memory_only_where_it_is_used)
{
    enum { BYTES = 1 << 25, SMALLEST_PAGE = 1 << 12 };
    long space, resident, resident_then;
    if (!has_mappings() || !pages_now(&space, &resident)) {
        return;
    }
    char *room = rr_alloc_room(BYTES, 1);
    CHECK(room != NULL);
    CHECK((uintptr_t)room % RR_HUGE_BYTES == 0);
    room[0] = room[BYTES - 1] = 1;
    CHECK(pages_now(&space, &resident_then));
    rr_free(room);
    CHECK(resident_then - resident < BYTES / 8 / SMALLEST_PAGE);
}

TEST(what_a_block_holds_is_its_bytes_rounded_up)
{
    CHECK_EQUAL((int64_t)rr_alloc_held(0, 8), RR_CACHE_BYTES);
    CHECK_EQUAL((int64_t)rr_alloc_held(3, 100), 3 * RR_CACHE_BYTES);
    size_t unit = has_mappings() ? RR_HUGE_BYTES : RR_CACHE_BYTES;
    size_t held = rr_alloc_held(1, RR_HUGE_BYTES + 1);
    CHECK(held % unit == 0 && held > RR_HUGE_BYTES && held <= RR_HUGE_BYTES + unit);
    held = rr_alloc_held(1, RR_HUGE_BYTES);
    CHECK(held == RR_HUGE_BYTES || (!has_mappings() && held == RR_HUGE_BYTES + unit));
}

TEST(a_product_that_overflows_is_refused)
{
    CHECK(rr_alloc(SIZE_MAX / 2 + 1, 2) == NULL);
    CHECK(rr_alloc(2, SIZE_MAX / 2 + 1) == NULL);
    CHECK(rr_alloc(SIZE_MAX, SIZE_MAX) == NULL);
    /* The product does not overflow, but rounding it up would. */
    CHECK(rr_alloc(SIZE_MAX, 1) == NULL);
}

TEST(no_bytes_have_an_address_of_their_own)
{
    void *nothing = rr_alloc(0, 8);
    void *also_nothing = rr_alloc(8, 0);

    CHECK(nothing != NULL);
    CHECK(also_nothing != NULL);
    CHECK(nothing != also_nothing);

    rr_free(nothing);
    rr_free(also_nothing);
}

TEST(blocks_are_counted_until_they_are_freed)
{
    void *one = rr_alloc(1, 1);
    CHECK_EQUAL(rr_alloc_live(), 1);
    void *two = rr_alloc(1, 1);
    CHECK_EQUAL(rr_alloc_live(), 2);

    rr_free(one);
    rr_free(NULL);
    CHECK_EQUAL(rr_alloc_live(), 1);
    rr_free(two);
    CHECK_EQUAL(rr_alloc_live(), 0);
}

TEST(a_block_that_grows_keeps_its_bytes)
{
    int64_t *block = rr_alloc(2, sizeof *block);
    block[0] = 11;
    block[1] = 22;

    block = rr_realloc(block, 2, 1000, sizeof *block);

    CHECK(block != NULL);
    CHECK_EQUAL(block[0], 11);
    CHECK_EQUAL(block[1], 22);
    CHECK_EQUAL(rr_alloc_live(), 1);
    rr_free(block);
}

TEST(a_block_that_shrinks_keeps_the_bytes_that_fit)
{
    int64_t *block = rr_alloc(2, sizeof *block);
    block[0] = 11;

    block = rr_realloc(block, 2, 1, sizeof *block);

    CHECK(block != NULL);
    CHECK_EQUAL(block[0], 11);
    rr_free(block);
}

TEST(a_block_grown_from_nothing_is_a_new_one)
{
    int64_t *block = rr_realloc(NULL, 0, 4, sizeof *block);
    CHECK(block != NULL);
    CHECK_EQUAL(rr_alloc_live(), 1);
    rr_free(block);
}

TEST(a_growth_that_fails_leaves_the_old_block)
{
    int64_t *block = rr_alloc(1, sizeof *block);
    block[0] = 33;

    (void)rr_alloc_fail_at(1);
    CHECK(rr_realloc(block, 1, 1000, sizeof *block) == NULL);

    CHECK_EQUAL(block[0], 33);
    CHECK_EQUAL(rr_alloc_live(), 1);
    rr_free(block);
}

TEST(the_nth_allocation_fails_and_no_other)
{
    for (int n = 1; n <= 4; n++) {
        CHECK_EQUAL(rr_alloc_fail_at(n), 0);
        for (int i = 1; i <= 6; i++) {
            void *block = rr_alloc(1, 1);
            CHECK((block == NULL) == (i == n));
            rr_free(block);
        }
    }
}

TEST(a_countdown_that_did_not_fire_tells_what_it_lacked)
{
    (void)rr_alloc_fail_at(5);
    rr_free(rr_alloc(1, 1));
    rr_free(rr_alloc(1, 1));

    CHECK_EQUAL(rr_alloc_fail_at(0), 3);
    CHECK_EQUAL(rr_alloc_fail_at(0), 0);
}

/* malloc keeps what is freed, of every size, also where a block looks like a mapping; so
 * one that is freed because of that comes again. */
TEST(a_small_block_is_never_refused)
{
    enum { BLOCKS = 1 << 16, TIMES = 1 << 20 };
    void **blocks = rr_alloc(BLOCKS, sizeof *blocks);
    uint64_t random = 1;
    int n_refused = 0;
    for (int i = 0; i < TIMES; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        size_t k = (size_t)(random >> 48), bytes = (size_t)(random >> 32) % 800;
        rr_free(blocks[k]);
        blocks[k] = rr_alloc(bytes, 1);
        n_refused += blocks[k] == NULL;
    }
    for (int k = 0; k < BLOCKS; k++) {
        rr_free(blocks[k]);
    }
    rr_free(blocks);
    CHECK_EQUAL(n_refused, 0);
}
