/* test_spill.c -- blocks that go on in a folder: zeroed, counted, and leave nothing there. */
#define _XOPEN_SOURCE 700 /* mkdtemp, P_tmpdir */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rr_alloc.h"
#include "base/rr_spill.h"
#include "base/rr_status.h"
#include "explore/pool.h"
#include "tests/testing.h"

enum { MANY = 1 << 20 };

/* A folder of its own for each test; false: there is none. */
static bool
open_folder(char *path, uint64_t most_bytes, rr_spill *spill)
{
    (void)strcpy(path, P_tmpdir "/refrace-test-XXXXXX");
    return mkdtemp(path) != NULL && rr_spill_open(path, most_bytes, spill) == RR_OK;
}

/* How many files there are in a folder. */
static int
files_in(const char *path)
{
    int n = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return n;
}

static bool
is_zeroed_and_usable(char *block, size_t n)
{
    bool is_good = block != NULL;
    for (size_t i = 0; is_good && i < n; i++) {
        is_good = block[i] == 0;
        block[i] = (char)i;
    }
    for (size_t i = 0; is_good && i < n; i++) {
        is_good = block[i] == (char)i;
    }
    return is_good;
}

TEST(blocks_are_in_memory_while_there_is_room_and_then_on_disk)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 4 * (uint64_t)MANY + 4096, &spill));
    const rr_spill_use use[] = {
        RR_SPILL_IN_ORDER, RR_SPILL_IN_ORDER, RR_SPILL_ALL_OVER, RR_SPILL_ALL_OVER,
        RR_SPILL_ALL_OVER, RR_SPILL_IN_ORDER,
    };
    const bool on_disk[] = {false, false, false, false, true, true};
    char *blocks[6];
    for (int i = 0; i < 6; i++) {
        blocks[i] = rr_spill_alloc(&spill, MANY, 1, use[i]);
        CHECK(is_zeroed_and_usable(blocks[i], MANY));
        CHECK(rr_alloc_is_file(blocks[i]) == on_disk[i]);
    }
    uint64_t held = rr_alloc_held(MANY, 1);
    CHECK(spill.in_memory == 4 * held && spill.on_disk == 2 * held);
    CHECK_EQUAL(rr_alloc_live(), 6);
    CHECK_EQUAL(files_in(path), 0);

    rr_spill_free(&spill, blocks[0], MANY, 1);
    blocks[0] = rr_spill_alloc(&spill, MANY, 1, RR_SPILL_ALL_OVER);
    CHECK(!rr_alloc_is_file(blocks[0]));
    for (int i = 0; i < 6; i++) {
        rr_spill_free(&spill, blocks[i], MANY, 1);
    }
    CHECK(spill.in_memory == 0 && spill.on_disk == 0);
    CHECK(spill.peak_on_disk == 2 * held && !spill.is_full);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(small_blocks_stay_in_memory)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 0, &spill));
    void *small = rr_spill_alloc(&spill, RR_LEAST_SPILLED - 1, 1, RR_SPILL_IN_ORDER);
    void *large = rr_spill_alloc(&spill, RR_LEAST_SPILLED, 1, RR_SPILL_IN_ORDER);
    CHECK(small != NULL && !rr_alloc_is_file(small));
    CHECK(large != NULL && rr_alloc_is_file(large));
    rr_spill_free(&spill, small, RR_LEAST_SPILLED - 1, 1);
    rr_spill_free(&spill, large, RR_LEAST_SPILLED, 1);
    rr_spill_free(&spill, NULL, RR_LEAST_SPILLED, 1);
    CHECK(spill.in_memory == 0 && spill.on_disk == 0);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(where_files_have_names_they_are_removed_at_once)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 0, &spill));
    spill.has_names = true;
    char *one = rr_spill_alloc(&spill, MANY, 1, RR_SPILL_IN_ORDER);
    char *two = rr_spill_alloc(&spill, MANY, 1, RR_SPILL_ALL_OVER);
    CHECK_EQUAL(files_in(path), 0);
    CHECK(is_zeroed_and_usable(one, MANY));
    CHECK(is_zeroed_and_usable(two, MANY));
    rr_spill_free(&spill, one, MANY, 1);
    rr_spill_free(&spill, two, MANY, 1);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(a_folder_without_room_refuses_a_block_and_says_so)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 0, &spill));
    CHECK(rr_spill_alloc(&spill, SIZE_MAX / 4, 1, RR_SPILL_IN_ORDER) == NULL);
    CHECK(spill.is_full);
    CHECK(spill.on_disk == 0);
    CHECK_EQUAL(rr_alloc_live(), 0);
    CHECK_EQUAL(files_in(path), 0);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(a_product_that_overflows_is_refused_without_blaming_the_folder)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 0, &spill));
    CHECK(rr_spill_alloc(&spill, SIZE_MAX / 2 + 1, 2, RR_SPILL_IN_ORDER) == NULL);
    CHECK(rr_spill_alloc(&spill, SIZE_MAX / 2, 4, RR_SPILL_IN_ORDER) == NULL);
    CHECK(!spill.is_full);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(without_memory_a_block_is_on_disk_and_without_both_there_is_none)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, UINT64_MAX, &spill));
    (void)rr_alloc_fail_at(1);
    void *block = rr_spill_alloc(&spill, MANY, 1, RR_SPILL_IN_ORDER);
    CHECK(block != NULL && rr_alloc_is_file(block));
    CHECK(spill.in_memory == 0 && spill.on_disk > 0);
    rr_spill_free(&spill, block, MANY, 1);
    spill.most_bytes = 0;
    (void)rr_alloc_fail_at(1);
    CHECK(rr_spill_alloc(&spill, MANY, 1, RR_SPILL_IN_ORDER) == NULL);
    CHECK(!spill.is_full); /* it is not the folder that refused */
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}

TEST(a_folder_that_is_not_there_cannot_be_used)
{
    rr_spill spill;
    CHECK_EQUAL(rr_spill_open("/dev/null/is/no/folder", 0, &spill), RR_EFOLDER);
    CHECK_EQUAL(rr_spill_open("/dev/null", 0, &spill), RR_EFOLDER);
}

TEST(a_pool_on_disk_keeps_its_items_and_drops_them)
{
    char path[64];
    rr_spill spill;
    CHECK(open_folder(path, 0, &spill));
    rr_pool pool;
    rr_pool_open(&pool, sizeof(uint64_t), &spill);
    uint64_t n_wrong = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        void *place;
        CHECK_EQUAL(rr_pool_add(&pool, &place), RR_OK);
        *(uint64_t *)place = i;
    }
    for (uint64_t i = 0; i < MANY; i++) {
        n_wrong += *(uint64_t *)rr_pool_at(&pool, i) != i;
    }
    CHECK_EQUAL((int64_t)n_wrong, 0);
    CHECK(spill.on_disk == rr_pool_bytes(&pool) && spill.in_memory == 0);
    rr_pool_drop(&pool, MANY / 2);
    CHECK(spill.on_disk == rr_pool_bytes(&pool));
    CHECK(spill.on_disk < spill.peak_on_disk * 3 / 4);
    rr_pool_close(&pool);
    CHECK(spill.on_disk == 0);
    rr_spill_close(&spill);
    CHECK_EQUAL(rmdir(path), 0);
}
