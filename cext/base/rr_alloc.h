/* rr_alloc.h -- the only way the core gets memory, so that tests can make it fail.
 *
 * All blocks are counted: rr_alloc_live() is 0 when nothing is held, which is how the
 * tests see a leak.  Any thread may call any of these.
 */
#ifndef RR_ALLOC_H
#define RR_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* Each cache line, and its neighbour that the prefetcher fetches with it. */
#define RR_CACHE_BYTES 128

/* n * size zeroed bytes, aligned to RR_CACHE_BYTES; NULL if there is no memory or the
 * product overflows.  Release with rr_free. */
void *rr_alloc(size_t n, size_t size);

/* A block of at least new_n * size bytes that begins with the old block's bytes; what
 * is new is not zeroed.  NULL (the old block stays) if there is no memory. */
void *rr_realloc(void *block, size_t old_n, size_t new_n, size_t size);

/* Give a block back; NULL is allowed. */
void rr_free(void *block);

/* Blocks held now. */
int64_t rr_alloc_live(void);

/* Make the n-th allocation from now fail (n = 1 is the next); 0 switches it off.
 * Returns how many allocations the last countdown still lacked: 0 if it fired. */
int64_t rr_alloc_fail_at(int64_t n);

#endif
