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

static size_t
round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

size_t
rr_alloc_held(size_t n, size_t size)
{
    /* 0 bytes still need a unique address. */
    size_t bytes = n * size;
    return bytes >= RR_HUGE_BYTES ? round_up(bytes, RR_HUGE_BYTES)
                                  : round_up(bytes + 1, RR_CACHE_BYTES);
}

/* ---- large blocks ----------------------------------------------------------------- */

/* A block of this size or more is a mapping of its own, so that its memory goes back to the
 * system as soon as it is freed; malloc would keep some of it.  It is aligned to huge pages,
 * and no other block is.  Sanitizers check only what malloc returns.
 *
 * Tables of many megabytes are read all over the place: with ordinary pages most reads
 * would also look up the page.  Where there are no huge pages, nothing is lost. */
enum { MAPPED_BYTES = 1 << 18 };

#if defined __linux__ && defined MADV_HUGEPAGE && !defined __SANITIZE_ADDRESS__ && \
    !defined __SANITIZE_THREAD__
enum { HAS_MAPPINGS = 1 };

typedef struct mapping { /* in front of the block */
    void *start;
    size_t bytes;
} mapping;

static void *
map_block(size_t bytes)
{
    size_t rounded = bytes < RR_HUGE_BYTES ? bytes : round_up(bytes, RR_HUGE_BYTES);
    size_t all = rounded + 2 * RR_HUGE_BYTES;
    if (rounded < bytes || all < rounded) {
        return NULL;
    }
    int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    char *start = mmap(NULL, all, protection, flags, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t past = (uintptr_t)start % RR_HUGE_BYTES;
    char *block = start + (RR_HUGE_BYTES - past);
    if ((size_t)(block - start) < sizeof(mapping)) {
        block += RR_HUGE_BYTES;
    }
    if (bytes >= RR_HUGE_BYTES) {
        (void)madvise(block, rounded, MADV_HUGEPAGE);
    }
    mapping *head = (mapping *)(void *)(block - sizeof *head);
    *head = (mapping){start, all};
    return block;
}

static void
unmap_block(void *block)
{
    mapping *head = (mapping *)(void *)((char *)block - sizeof *head);
    (void)munmap(head->start, head->bytes);
}
#else
enum { HAS_MAPPINGS = 0 };

static void *
map_block(size_t bytes)
{
    (void)bytes;
    return NULL;
}

static void
unmap_block(void *block)
{
    (void)block;
}
#endif

static bool
is_mapped(const void *block)
{
    return HAS_MAPPINGS && (uintptr_t)block % RR_HUGE_BYTES == 0;
}

static void *
alloc_small(size_t bytes)
{
    /* aligned_alloc needs a multiple of the alignment. */
    void *block = aligned_alloc(RR_CACHE_BYTES, round_up(bytes + 1, RR_CACHE_BYTES));
    if (block != NULL && is_mapped(block)) {
        /* It looks like a mapping by chance: take another while this one is held.  malloc
         * may have kept one such block of each size, so this can happen several times. */
        void *other = alloc_small(bytes);
        free(block);
        return other;
    }
    return block;
}

/* ---- all blocks ------------------------------------------------------------------- */

static void *
alloc_counted(size_t n, size_t size, bool is_large)
{
    if (size != 0 && n > (SIZE_MAX - RR_CACHE_BYTES) / size) {
        return NULL;
    }
    if (must_fail()) {
        return NULL;
    }
    void *block = is_large ? map_block(n * size) : alloc_small(n * size);
    if (block != NULL) {
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    }
    return block;
}

void *
rr_alloc(size_t n, size_t size)
{
    bool is_large = HAS_MAPPINGS && n * size >= MAPPED_BYTES;
    void *block = alloc_counted(n, size, is_large);
    if (block != NULL) { /* mapped ones too: their pages are there before a race begins */
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
        if (is_mapped(block)) {
            unmap_block(block);
        }
        else {
            free(block);
        }
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
