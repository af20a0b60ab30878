/* test_start.c -- the random choices that make rounds differ: by the seed alone. */
#include "conformance/start.h"
#include "tests/testing.h"

enum { N_ROUNDS = 4000 };

TEST(each_thread_is_first_as_often_as_another_whatever_the_seed)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (int n_threads = 1; n_threads <= 4; n_threads++) {
            int firsts[4] = {0};
            for (int64_t round = 0; round < N_ROUNDS; round++) {
                int first = rr_start_first(seed, round, n_threads);
                CHECK(first >= 0 && first < n_threads);
                firsts[first]++;
            }
            for (int t = 0; t < n_threads; t++) {
                int expected = N_ROUNDS / n_threads;
                /* At least five standard deviations. */
                CHECK(firsts[t] > expected - 160 && firsts[t] < expected + 160);
            }
        }
    }
}

TEST(who_is_first_follows_no_pattern_from_round_to_round)
{
    int n_same = 0;
    for (int64_t round = 0; round < N_ROUNDS; round++) {
        n_same += rr_start_first(3, round, 2) == rr_start_first(3, round + 1, 2);
    }
    CHECK(n_same > N_ROUNDS / 2 - 160 && n_same < N_ROUNDS / 2 + 160);
}

TEST(the_draws_of_a_round_depend_on_the_seed_and_its_number_alone)
{
    int n_other_seed = 0, n_other_thread = 0;
    for (int64_t round = 0; round < 100; round++) {
        CHECK_EQUAL(rr_start_first(7, round, 3), rr_start_first(7, round, 3));
        rr_rng pace = rr_start_pace(7, round, 0), again = rr_start_pace(7, round, 0);
        rr_rng other = rr_start_pace(7, round, 1);
        for (int i = 0; i < 10; i++) {
            int turns = rr_start_hesitation(&pace);
            CHECK_EQUAL(rr_start_hesitation(&again), turns);
            n_other_thread += rr_start_hesitation(&other) != turns;
        }
        n_other_seed += rr_start_first(7, round, 3) != rr_start_first(8, round, 3);
    }
    CHECK(n_other_seed > 0);
    CHECK(n_other_thread > 0);
}

TEST(a_hesitation_is_none_as_often_as_not_and_takes_every_length)
{
    int n_of[RR_LONGEST_HESITATION + 1] = {0};
    for (int64_t round = 0; round < N_ROUNDS; round++) {
        rr_rng pace = rr_start_pace(1, round, 0);
        for (int i = 0; i < 10; i++) {
            int turns = rr_start_hesitation(&pace);
            CHECK(turns >= 0 && turns <= RR_LONGEST_HESITATION);
            n_of[turns]++;
        }
    }
    CHECK(n_of[0] > 5 * N_ROUNDS - 500 && n_of[0] < 5 * N_ROUNDS + 500);
    for (int turns = 1; turns <= RR_LONGEST_HESITATION; turns++) {
        CHECK(n_of[turns] > 0);
    }
    CHECK(n_of[1] > n_of[RR_LONGEST_HESITATION]);
}
