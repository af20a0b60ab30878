/* start.c -- random choices that depend on the seed, the round and the thread alone. */
#include "conformance/start.h"

enum { N_LENGTHS = 7 };

_Static_assert(1 << (N_LENGTHS - 1) == RR_LONGEST_HESITATION, "the longest of them");

/* Separate from the streams of the machine's choices. */
static rr_rng
of_round(uint64_t seed, int64_t round)
{
    rr_rng rng = rr_rng_stream(~seed, (uint64_t)round);
    return (rr_rng){rr_rng_next(&rng)};
}

int
rr_start_first(uint64_t seed, int64_t round, int n_threads)
{
    rr_rng rng = of_round(seed, round);
    return (int)(rr_rng_next(&rng) % (uint64_t)n_threads);
}

rr_rng
rr_start_pace(uint64_t seed, int64_t round, int thread)
{
    rr_rng rng = of_round(seed, round);
    return rr_rng_stream(rr_rng_next(&rng), (uint64_t)thread + 1);
}

int
rr_start_hesitation(rr_rng *pace)
{
    uint64_t drawn = rr_rng_next(pace);
    if (drawn % 2 == 0) {
        return 0;
    }
    uint64_t length = UINT64_C(1) << (drawn >> 1) % N_LENGTHS;
    return 1 + (int)((drawn >> 32) % length);
}
