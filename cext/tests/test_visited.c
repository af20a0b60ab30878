/* test_visited.c -- a set of states: each is new once per search. */
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "conformance/visited.h"
#include "tests/testing.h"

enum { N_WORDS = 3, N_STATES = 5000 };

TEST(a_state_is_new_once_in_a_search_and_once_in_the_next)
{
    rr_visited visited;
    CHECK_EQUAL(rr_visited_open(N_WORDS, &visited), RR_OK);
    for (int search = 0; search < 3; search++) {
        int n_new = 0, n_new_again = 0;
        for (int32_t i = 0; i < N_STATES; i++) {
            n_new += rr_visited_add(&visited, (int32_t[]){i % 7, i, -i}, 0);
        }
        for (int32_t i = 0; i < N_STATES; i++) {
            n_new_again += rr_visited_add(&visited, (int32_t[]){i % 7, i, -i}, 0);
        }
        CHECK_EQUAL(n_new, N_STATES);
        CHECK_EQUAL(n_new_again, 0);
        rr_visited_forget(&visited);
    }
    rr_visited_close(&visited);
}

TEST(states_that_differ_in_one_word_or_in_the_tag_are_not_the_same)
{
    rr_visited visited;
    CHECK_EQUAL(rr_visited_open(N_WORDS, &visited), RR_OK);
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 2, 3}, 0));
    CHECK(rr_visited_add(&visited, (int32_t[]){0, 2, 3}, 0));
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 0, 3}, 0));
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 2, 0}, 0));
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 2, 3}, 1));
    CHECK(!rr_visited_add(&visited, (int32_t[]){1, 2, 3}, 0));
    rr_visited_close(&visited);
}

TEST(marks_of_searches_long_ago_are_not_taken_for_those_of_this_one)
{
    rr_visited visited;
    CHECK_EQUAL(rr_visited_open(N_WORDS, &visited), RR_OK);
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 2, 3}, 0)); /* in search 1 */
    visited.search = UINT32_MAX;
    rr_visited_forget(&visited);
    CHECK(visited.search == 1);
    CHECK(rr_visited_add(&visited, (int32_t[]){1, 2, 3}, 0));
    rr_visited_close(&visited);
}

/* States are stored up to a number of bytes; beyond it they are new each time. */
TEST(a_table_without_room_calls_a_state_new_and_forgets_nothing_that_it_has)
{
    rr_visited visited;
    enum { LONG = 1 << 15, N = 300 };
    static int32_t state[LONG];
    CHECK_EQUAL(rr_visited_open(LONG, &visited), RR_OK);
    int n_new = 0;
    for (int32_t round = 0; round < 2; round++) {
        for (int32_t i = 0; i < N; i++) {
            state[0] = i;
            n_new += rr_visited_add(&visited, state, 0);
        }
    }
    /* Stored states are not new the second time.  At least the first ones are stored, and
     * not all. */
    CHECK(n_new < 2 * N && n_new > N);
    rr_visited_close(&visited);
}

TEST(a_table_that_cannot_grow_goes_on_without)
{
    rr_visited visited;
    CHECK_EQUAL(rr_visited_open(N_WORDS, &visited), RR_OK);
    int n_new = 0;
    rr_alloc_fail_at(1);
    for (int32_t i = 0; i < 64; i++) {
        n_new += rr_visited_add(&visited, (int32_t[]){i, 0, 0}, 0);
    }
    CHECK_EQUAL(rr_alloc_fail_at(0), 0); /* the allocation did fail */
    CHECK_EQUAL(n_new, 64);
    CHECK(!rr_visited_add(&visited, (int32_t[]){0, 0, 0}, 0));
    rr_visited_close(&visited);
}
