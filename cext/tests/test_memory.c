/* test_memory.c -- what a mode keeps for an object, against sums made by hand. */
#include "modes/memory.h"

#include "base/rr_status.h"
#include "tests/testing.h"

TEST(a_mode_that_keeps_nothing_else_has_its_count_alone)
{
    rr_memory memory;
    CHECK_EQUAL(rr_mode_memory(RR_MODE_atomic, &memory), RR_OK);
    CHECK_EQUAL(memory.words, 1);
    CHECK_EQUAL(memory.locks, 0);
    CHECK_EQUAL(memory.bytes, 8);
    CHECK_EQUAL(memory.lane_bytes, 0);
}

TEST(a_lock_is_as_large_as_the_mutex_of_the_system)
{
    rr_memory memory;
    CHECK_EQUAL(rr_mode_memory(RR_MODE_object_lock, &memory), RR_OK);
    CHECK_EQUAL(memory.locks, 1);
    CHECK_EQUAL(memory.bytes, 8 + sizeof(pthread_mutex_t));
}

TEST(what_a_domain_has_one_of_is_no_objects)
{
    rr_memory memory;
    CHECK_EQUAL(rr_mode_memory(RR_MODE_global_lock, &memory), RR_OK);
    CHECK_EQUAL(memory.bytes, 8);
    CHECK_EQUAL(rr_mode_memory(RR_MODE_gil, &memory), RR_OK);
    CHECK_EQUAL(memory.bytes, 8);
}

TEST(a_biased_object_has_three_cells_and_two_links)
{
    rr_memory memory;
    CHECK_EQUAL(rr_mode_memory(RR_MODE_biased, &memory), RR_OK);
    CHECK_EQUAL(memory.words, 5);
    CHECK_EQUAL(memory.locks, 0);
    CHECK_EQUAL(memory.bytes, 3 * 8 + 2 * sizeof(void *));
}

TEST(what_threads_have_for_an_object_is_distinguished_from_what_it_holds)
{
    rr_mode mode = {.keeps = RR_KEEPS_SHARED, .n_lanes = 2};
    rr_memory memory;
    CHECK_EQUAL(rr_memory_of(&mode, &memory), RR_OK);
    CHECK_EQUAL(memory.bytes, 16);
    CHECK_EQUAL(memory.lanes, 2);
    CHECK_EQUAL(memory.lane_bytes, 16);
}

/* If this fails for a new mode, add what it keeps to the list in memory.c. */
TEST(the_size_of_all_that_modes_keep_is_known)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_memory memory;
        rr_test_about(rr_mode_card_of(mode)->name);
        CHECK_EQUAL(rr_mode_memory(mode, &memory), RR_OK);
    }
}

TEST(something_that_nobody_has_said_the_size_of_is_no_nothing)
{
    rr_mode mode = {.keeps = 1U << 31};
    rr_memory memory;
    CHECK_EQUAL(rr_memory_of(&mode, &memory), RR_EBUG);
}

TEST(there_is_no_memory_beyond_the_modes)
{
    rr_memory memory;
    CHECK_EQUAL(rr_mode_memory(-1, &memory), RR_EINVAL);
    CHECK_EQUAL(rr_mode_memory(RR_N_MODES, &memory), RR_EINVAL);
}
