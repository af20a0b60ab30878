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

/* ---- large blocks ----------------------------------------------------------------- */

/* A block of this size or more is a mapping of its own, so that its memory goes back to the
 * system as soon as it is freed; malloc would keep some of it.  It is aligned to huge pages,
 * and no other block is.  Sanitizers check only what malloc returns, so under them only a
 * file is mapped.
 *
 * Tables of many megabytes are read all over the place: with ordinary pages most reads
 * would also look up the page.  Where there are no huge pages, nothing is lost. */
enum { MAPPED_BYTES = 1 << 18 };

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define IS_SANITIZED
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define IS_SANITIZED
#endif
#endif

#if defined __linux__ && defined MADV_HUGEPAGE
#ifdef IS_SANITIZED
enum { HAS_MAPPINGS = 1, MAPS_LARGE = 0 };
#else
enum { HAS_MAPPINGS = 1, MAPS_LARGE = 1 };
#endif

/* No page is larger: the header in front of a block has one to itself. */
enum { PAGE_BYTES = 1 << 16 };

typedef struct mapping { /* in front of the block */
    void *start;
    size_t bytes;
    bool is_file;
} mapping;

/* Address space for a block and the page in front of it; NULL: there is none. */
static char *
reserve(size_t rounded, int protection)
{
    size_t all = rounded + 2 * RR_HUGE_BYTES;
    if (all < rounded) {
        return NULL;
    }
    char *start = mmap(NULL, all, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t past = (uintptr_t)start % RR_HUGE_BYTES;
    char *block = start + (RR_HUGE_BYTES - past);
    if ((size_t)(block - start) < PAGE_BYTES) {
        block += RR_HUGE_BYTES;
    }
    /* What is around the block goes back, all but the page of the header: it would count
     * as address space. */
    char *first = block - PAGE_BYTES, *end = block + rounded;
    if (first > start) {
        (void)munmap(start, (size_t)(first - start));
    }
    (void)munmap(end, (size_t)(start + all - end));
    return block;
}

static mapping *
head_of(void *block)
{
    return (mapping *)block - 1;
}

static void
write_head(char *block, size_t rounded, bool is_file)
{
    *head_of(block) = (mapping){block - PAGE_BYTES, rounded + PAGE_BYTES, is_file};
}

static void *
map_block(size_t bytes, bool is_room)
{
    size_t unit = bytes < RR_HUGE_BYTES ? PAGE_BYTES : RR_HUGE_BYTES;
    size_t rounded = round_up(bytes, unit);
    char *block = rounded < bytes ? NULL : reserve(rounded, PROT_READ | PROT_WRITE);
    if (block == NULL) {
        return NULL;
    }
    /* Without a huge page of their own, the header and a small block get ordinary pages,
     * also where huge ones are the default: one would be mostly empty. */
    (void)madvise(block - PAGE_BYTES, rounded + PAGE_BYTES, MADV_NOHUGEPAGE);
    if (bytes >= RR_HUGE_BYTES && !is_room) {
        (void)madvise(block, rounded, MADV_HUGEPAGE);
    }
    write_head(block, rounded, false);
    return block;
}

/* Address space that is only reserved, and shared pages, do not count as data of the
 * process (RLIMIT_DATA). */
static void *
map_file(int file, size_t bytes, bool is_random)
{
    size_t rounded = round_up(bytes, PAGE_BYTES);
    char *block = rounded < bytes ? NULL : reserve(rounded, PROT_NONE);
    if (block == NULL) {
        return NULL;
    }
    size_t all = PAGE_BYTES + bytes;
    if (mmap(block - PAGE_BYTES, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
             0) == MAP_FAILED) {
        (void)munmap(block - PAGE_BYTES, PAGE_BYTES + rounded);
        return NULL;
    }
    if (is_random) {
        (void)madvise(block, bytes, MADV_RANDOM);
    }
    write_head(block, rounded, true);
    return block;
}

static void
unmap_block(void *block)
{
    mapping head = *head_of(block);
    (void)munmap(head.start, head.bytes);
}
#else
enum { HAS_MAPPINGS = 0, MAPS_LARGE = 0, PAGE_BYTES = 0 };

typedef struct mapping {
    bool is_file;
} mapping;

static mapping *
head_of(void *block)
{
    return block;
}

static void *
map_block(size_t bytes, bool is_room)
{
    (void)bytes;
    (void)is_room;
    return NULL;
}

static void *
map_file(int file, size_t bytes, bool is_random)
{
    (void)file;
    (void)bytes;
    (void)is_random;
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

/* A block that looks like a mapping by chance is held while another is taken.  malloc may
 * have kept one such block of each size, so this can happen several times; with a malloc
 * that always aligns like that, a mapping is taken in the end. */
enum { MOST_HELD = 64 };

static void *
alloc_small(size_t bytes)
{
    void *held[MOST_HELD], *block = NULL;
    int n_held = 0;
    while (n_held < MOST_HELD) {
        /* aligned_alloc needs a multiple of the alignment. */
        block = aligned_alloc(RR_CACHE_BYTES, round_up(bytes + 1, RR_CACHE_BYTES));
        if (block == NULL || !is_mapped(block)) {
            break;
        }
        held[n_held++] = block;
        block = NULL;
    }
    bool is_hopeless = n_held == MOST_HELD;
    while (n_held > 0) {
        free(held[--n_held]);
    }
    return is_hopeless ? map_block(bytes + 1, false) : block;
}

/* ---- all blocks ------------------------------------------------------------------- */

size_t
rr_alloc_held(size_t n, size_t size)
{
    /* 0 bytes still need a unique address. */
    size_t bytes = n * size;
    return MAPS_LARGE && bytes >= RR_HUGE_BYTES ? round_up(bytes, RR_HUGE_BYTES)
                                                : round_up(bytes + 1, RR_CACHE_BYTES);
}

static bool
is_refused(size_t n, size_t size)
{
    return (size != 0 && n > (SIZE_MAX - RR_CACHE_BYTES) / size) || must_fail();
}

static void *
counted(void *block)
{
    if (block != NULL) {
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    }
    return block;
}

static void *
alloc_counted(size_t n, size_t size, bool is_room)
{
    if (is_refused(n, size)) {
        return NULL;
    }
    bool is_large = MAPS_LARGE && n * size >= MAPPED_BYTES;
    return counted(is_large ? map_block(n * size, is_room) : alloc_small(n * size));
}

void *
rr_alloc(size_t n, size_t size)
{
    void *block = alloc_counted(n, size, false);
    if (block != NULL) { /* mapped ones too: their pages are there before a race begins */
        memset(block, 0, n * size);
    }
    return block;
}

void *
rr_alloc_room(size_t n, size_t size)
{
    return alloc_counted(n, size, true);
}

size_t
rr_alloc_file_bytes(size_t n, size_t size)
{
    return HAS_MAPPINGS ? PAGE_BYTES + n * size : 0;
}

void *
rr_alloc_file(int file, size_t n, size_t size, bool is_random)
{
    return is_refused(n, size) ? NULL : counted(map_file(file, n * size, is_random));
}

bool
rr_alloc_is_file(void *block)
{
    return is_mapped(block) && head_of(block)->is_file;
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
