/* test_state_store.c -- how much the table of states holds while it grows. */
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/state_store.h"
#include "tests/testing.h"

/* A slot has 4 bytes, and at least three of five are used after the table has grown. */
TEST(a_large_table_takes_less_than_seven_bytes_a_state)
{
    rr_state_store space;
    CHECK_EQUAL(rr_state_store_open(&space, 2, 4, NULL, NULL), RR_OK);
    uint64_t n_over = 0, n_lost = 0;
    for (uint32_t i = 0; i < 3000000; i++) {
        char packed[8] = {0};
        uint32_t number;
        bool is_new;
        memcpy(packed, &i, sizeof i);
        uint64_t hash = rr_state_store_hash(&space, packed);
        CHECK_EQUAL(rr_state_store_intern(&space, packed, hash, &number, &is_new), RR_OK);
        n_lost += !is_new || number != i;
        n_over += i >= 1 << 20 && 4 * space.n_slots >= 7 * (uint64_t)i;
    }
    rr_state_store_close(&space);
    CHECK_EQUAL((int64_t)n_lost, 0);
    CHECK_EQUAL((int64_t)n_over, 0);
}
