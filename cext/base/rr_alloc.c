/* rr_alloc.c -- counted allocation with a countdown to failure. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/rr_alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

/* The only state here that outlives a call: test instrumentation, written by every thread
 * and read only by tests.  Relaxed: the numbers guard nothing. */
static _Atomic int64_t live_blocks;
static _Atomic int64_t until_failure;

static int
must_fail(void)
{
    if (atomic_load_explicit(&until_failure, memory_order_relaxed) == 0) {
        return 0;
    }
    return atomic_fetch_sub_explicit(&until_failure, 1, memory_order_relaxed) == 1;
}

/* Tables of many megabytes are read all over the place: with ordinary pages most reads
 * would also look up the page.  Where there are no huge pages, nothing is lost. */
static void *
alloc_huge(size_t bytes)
{
    size_t rounded = (bytes + RR_HUGE_BYTES - 1) / RR_HUGE_BYTES * RR_HUGE_BYTES;
    void *block = rounded < bytes ? NULL : aligned_alloc(RR_HUGE_BYTES, rounded);
#if defined __linux__ && defined MADV_HUGEPAGE
    if (block != NULL) {
        (void)madvise(block, rounded, MADV_HUGEPAGE);
    }
#endif
    return block;
}

static void *
alloc_counted(size_t n, size_t size, bool is_used_whole)
{
    if (size != 0 && n > (SIZE_MAX - RR_CACHE_BYTES) / size) {
        return NULL;
    }
    if (must_fail()) {
        return NULL;
    }
    /* aligned_alloc needs a multiple of the alignment, and 0 bytes still need a unique
     * address. */
    size_t bytes = n * size;
    size_t rounded = (bytes / RR_CACHE_BYTES + 1) * RR_CACHE_BYTES;
    void *block = is_used_whole && bytes >= RR_HUGE_BYTES
                      ? alloc_huge(bytes)
                      : aligned_alloc(RR_CACHE_BYTES, rounded);
    if (block != NULL) {
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    }
    return block;
}

void *
rr_alloc(size_t n, size_t size)
{
    void *block = alloc_counted(n, size, true);
    if (block != NULL) {
        memset(block, 0, n * size);
    }
    return block;
}

void *
rr_alloc_room(size_t n, size_t size)
{
    return alloc_counted(n, size, false);
}

void *
rr_realloc(void *block, size_t old_n, size_t new_n, size_t size)
{
    void *bigger = rr_alloc(new_n, size);
    if (bigger == NULL) {
        return NULL;
    }
    if (block != NULL) {
        memcpy(bigger, block, (old_n < new_n ? old_n : new_n) * size);
        rr_free(block);
    }
    return bigger;
}

void
rr_free(void *block)
{
    if (block != NULL) {
        atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
        free(block);
    }
}

int64_t
rr_alloc_live(void)
{
    return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}

int64_t
rr_alloc_fail_at(int64_t n)
{
    int64_t rest = atomic_exchange_explicit(&until_failure, n, memory_order_relaxed);
    return rest > 0 ? rest : 0;
}
