/* rr_rng.h -- seeded random numbers: the core's only source of randomness.
 *
 * SplitMix64 (G. L. Steele, D. Lea, C. H. Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014).  A generator belongs to one thread.
 */
#ifndef RR_RNG_H
#define RR_RNG_H

#include <stdint.h>

typedef struct rr_rng {
    uint64_t state;
} rr_rng;

static inline uint64_t
rr_rng_next(rr_rng *rng)
{
    uint64_t z = (rng->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Stream number `stream` of a seed: each thread uses a different stream. */
static inline rr_rng
rr_rng_stream(uint64_t seed, uint64_t stream)
{
    rr_rng rng = {seed};
    rng.state = rr_rng_next(&rng) ^ (stream * 0xd1342543de82ef95u);
    return rng;
}

#endif
