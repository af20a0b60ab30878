/* test_rng.c -- the generator is the published one, and its streams differ. */
#include "base/rr_rng.h"
#include "tests/testing.h"

TEST(the_numbers_are_those_of_the_reference_implementation)
{
    /* The first outputs for seed 1234567 of S. Vigna's splitmix64.c. */
    const uint64_t expected[] = {
        6457827717110365317u,  3203168211198807973u,  9817491932198370423u,
        4593380528125082431u,  16408922859458223821u,
    };
    rr_rng rng = {1234567};
    for (int i = 0; i < 5; i++) {
        CHECK(rr_rng_next(&rng) == expected[i]);
    }
}

TEST(a_stream_repeats_for_the_same_seed_and_number)
{
    rr_rng one = rr_rng_stream(42, 3);
    rr_rng two = rr_rng_stream(42, 3);
    for (int i = 0; i < 100; i++) {
        CHECK(rr_rng_next(&one) == rr_rng_next(&two));
    }
}

TEST(streams_of_one_seed_do_not_run_into_one_another)
{
    enum { STREAMS = 64, DRAWS = 64 };
    uint64_t drawn[STREAMS][DRAWS];
    for (int s = 0; s < STREAMS; s++) {
        rr_rng rng = rr_rng_stream(0, (uint64_t)s);
        for (int i = 0; i < DRAWS; i++) {
            drawn[s][i] = rr_rng_next(&rng);
        }
    }
    /* The generator is a bijection of its state: equal numbers mean equal positions. */
    for (int s = 0; s < STREAMS; s++) {
        for (int r = 0; r < s; r++) {
            for (int i = 0; i < DRAWS; i++) {
                CHECK(drawn[s][0] != drawn[r][i]);
                CHECK(drawn[r][0] != drawn[s][i]);
            }
        }
    }
}

TEST(seeds_that_differ_in_one_bit_give_other_streams)
{
    for (int bit = 0; bit < 64; bit++) {
        rr_rng one = rr_rng_stream(0, 1);
        rr_rng two = rr_rng_stream(UINT64_C(1) << bit, 1);
        CHECK(rr_rng_next(&one) != rr_rng_next(&two));
    }
}
