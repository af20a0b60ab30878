/* rr_alloc.h -- all memory of the core is allocated here, so that tests can make it fail.
 *
 * All blocks are counted: rr_alloc_live() is 0 when none is held, so tests detect leaks.
 * Any thread may call any of these functions.
 */
#ifndef RR_ALLOC_H
#define RR_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cache line, plus the neighbour that the prefetcher fetches with it. */
#define RR_CACHE_BYTES 128

/* Blocks of this size and larger get huge pages where the system has them. */
#define RR_HUGE_BYTES ((size_t)1 << 21)

/* Allocates n * size zeroed bytes, aligned to RR_CACHE_BYTES; NULL if there is no memory
 * or the product overflows.  Release with rr_free. */
void *rr_alloc(size_t n, size_t size);

/* How many bytes a block of rr_alloc occupies: it is rounded up to cache lines, and a large
 * one to huge pages. */
size_t rr_alloc_held(size_t n, size_t size);

/* As rr_alloc, but not zeroed: for buffers of which most runs use a small part.  The
 * system need not provide the pages of the rest. */
void *rr_alloc_room(size_t n, size_t size);

/* Returns a block of at least new_n * size bytes that starts with the old block's bytes;
 * the rest is not zeroed.  NULL (the old block stays valid) if there is no memory. */
void *rr_realloc(void *block, size_t old_n, size_t new_n, size_t size);

/* A block in a file of rr_alloc_file_bytes zeroed bytes, which may be closed then, and which
 * has to stay as it is.  is_random: it is read all over the place. */
void *rr_alloc_file(int file, size_t n, size_t size, bool is_random);
/* 0: there are no such blocks here. */
size_t rr_alloc_file_bytes(size_t n, size_t size);
bool rr_alloc_is_file(void *block);

/* Releases a block; NULL is allowed. */
void rr_free(void *block);

/* Blocks held now. */
int64_t rr_alloc_live(void);

/* Makes the n-th allocation from now fail (n = 1 is the next); 0 switches this off.
 * Returns the rest of the previous countdown: 0 if it has fired. */
int64_t rr_alloc_fail_at(int64_t n);

#endif
