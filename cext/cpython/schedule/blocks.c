/* blocks.c -- memory that is allocated and freed in a round.
 *
 * What a runner frees is kept until the round ends: its address is not used again, so each
 * later use, second free and write is seen.  Python's own free lists hide some frees.
 */
#include "cpython/schedule/internal.h"
#include "cpython/schedule/table.h"

#include <sched.h>
#include <string.h>

enum { BITS = 16, MOST = 1 << 15, LARGEST = 4096 };

typedef struct block {
    uintptr_t base; /* 0: forgotten */
    size_t size;
    uint64_t sum; /* of its contents when it was freed */
    bool is_freed;
    rr_freed freed;
    void (*release)(void *context, void *p);
    void *context;
} block;

static block blocks[MOST];
static uint32_t n_blocks, generation = 1;
static struct {
    uint32_t generation, number;
} slots[1 << BITS];
static bool is_round;
/* Threads that are no runners allocate too. */
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void
take_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
        (void)sched_yield();
    }
}

static void
leave_lock(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

const rr_freed *
rr_block_freed(uint32_t number)
{
    return &blocks[number].freed;
}

static block *
find(uintptr_t base)
{
    uint32_t at = rr_table_start(base, BITS);
    for (; slots[at].generation == generation; at = rr_table_next(at, BITS)) {
        if (blocks[slots[at].number].base == base) {
            return &blocks[slots[at].number];
        }
    }
    return NULL;
}

static block *
add(uintptr_t base)
{
    if (n_blocks == MOST) {
        return NULL;
    }
    uint32_t at = rr_table_start(base, BITS);
    while (slots[at].generation == generation) {
        at = rr_table_next(at, BITS);
    }
    slots[at].generation = generation;
    slots[at].number = n_blocks;
    return &blocks[n_blocks++];
}

void
rr_block_begin(void *p, size_t n, void (*release)(void *context, void *p),
               void *context)
{
    if (!is_round || p == NULL) {
        return;
    }
    take_lock();
    block *b = find((uintptr_t)p);
    b = b == NULL ? add((uintptr_t)p) : b;
    if (b != NULL) {
        *b = (block){
            .base = (uintptr_t)p, .size = n, .release = release, .context = context};
    }
    if (rr_is_running) {
        rr_shadow_reuse((uintptr_t)p, n);
        if (rr_me != NULL && b != NULL) {
            rr_event_block((uint8_t)rr_me->number, b->base, n);
        }
        else {
            rr_events_give_up();
        }
    }
    leave_lock();
}

static uint64_t
sum_of(const block *b)
{
    uint64_t sum = 7;
    size_t n = b->size > LARGEST ? LARGEST : b->size;
    for (size_t i = 0; i + sizeof sum <= n; i += sizeof sum) {
        uint64_t word;
        memcpy(&word, (const char *)b->base + i, sizeof word);
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
    }
    return sum;
}

static void
keep(block *b, rr_runner *me, void *pc)
{
    b->is_freed = true;
    b->freed = (rr_freed){me->number, rr_frames_of(me, pc)};
    b->sum = sum_of(b);
    rr_shadow_access(me, b->base, b->size, true, false, pc);
    rr_shadow_free(me, b->base, b->size, (uint32_t)(b - blocks));
}

bool
rr_block_end(void *p, void *pc)
{
    rr_runner *me = rr_me;
    if (!is_round || p == NULL) {
        return false;
    }
    take_lock();
    block *b = find((uintptr_t)p);
    bool is_kept = false;
    if (b != NULL && b->is_freed) {
        is_kept = true;
        if (me != NULL && rr_is_running) {
            rr_sighting_add(&(rr_sighting){
                .kind = RR_SEEN_DOUBLE_FREE,
                .address = b->base,
                .runner = me->number,
                .other = b->freed.by,
                .is_write = true,
                .other_is_write = true,
                .at = rr_frames_of(me, pc),
                .other_at = b->freed.at,
            });
        }
    }
    else if (b != NULL && me != NULL && rr_is_running) {
        keep(b, me, pc);
        is_kept = true;
    }
    else if (b != NULL) {
        b->base = 0;
    }
    leave_lock();
    return is_kept;
}

size_t
rr_block_kept_size(const void *p)
{
    if (!is_round || p == NULL || rr_me == NULL || !rr_is_running) {
        return 0;
    }
    take_lock();
    const block *b = find((uintptr_t)p);
    size_t size = b == NULL ? 0 : b->size;
    leave_lock();
    return size;
}

void
rr_block_forget(void *p)
{
    if (!is_round || p == NULL) {
        return;
    }
    take_lock();
    block *b = find((uintptr_t)p);
    if (b != NULL) {
        b->base = 0;
    }
    leave_lock();
}

void
rr_blocks_look_for_writes(void)
{
    take_lock();
    for (uint32_t i = 0; i < n_blocks; i++) {
        block *b = &blocks[i];
        if (b->is_freed && b->base != 0 && sum_of(b) != b->sum) {
            rr_sighting_add(&(rr_sighting){
                .kind = RR_SEEN_WRITE_AFTER_FREE,
                .address = b->base,
                .runner = -1,
                .other = b->freed.by,
                .is_write = true,
                .other_is_write = true,
                .other_at = b->freed.at,
            });
            /* Never released: what was written may make others refer to it, as the
             * collector does to a dict that gets an item, and would end a later run. */
            b->base = 0;
        }
    }
    leave_lock();
}

void
rr_blocks_begin_round(void)
{
    n_blocks = 0;
    generation++;
    is_round = true;
}

void
rr_blocks_note(void)
{
    for (uint32_t i = 0; i < n_blocks; i++) {
        if (blocks[i].base != 0) {
            rr_event_block(RR_NO_RUNNER, blocks[i].base, blocks[i].size);
        }
    }
}

void
rr_blocks_end_round(void)
{
    is_round = false;
    for (uint32_t i = 0; i < n_blocks; i++) {
        if (blocks[i].is_freed && blocks[i].base != 0) {
            blocks[i].release(blocks[i].context, (void *)blocks[i].base);
        }
    }
    n_blocks = 0;
    generation++;
}

/* ---- Python's allocators ------------------------------------------------------------ */

enum { N_DOMAINS = 3 };
static PyMemAllocatorEx originals[N_DOMAINS];

static void
release(void *context, void *p)
{
    const PyMemAllocatorEx *original = context;
    void (*release_now)(void *, void *) = original->free;
    release_now(original->ctx, p);
}

static void *
allocate(void *context, size_t n)
{
    const PyMemAllocatorEx *original = context;
    void *(*take)(void *, size_t) = original->malloc;
    void *p = take(original->ctx, n);
    rr_block_begin(p, n, release, context);
    return p;
}

static void *
allocate_cleared(void *context, size_t n, size_t size)
{
    const PyMemAllocatorEx *original = context;
    void *(*take)(void *, size_t, size_t) = original->calloc;
    void *p = take(original->ctx, n, size);
    rr_block_begin(p, n * size, release, context);
    return p;
}

static void
end(void *context, void *p)
{
    if (p != NULL && !rr_block_end(p, RR_CALLER)) {
        release(context, p);
    }
}

static void *
resize(void *context, void *p, size_t n)
{
    const PyMemAllocatorEx *original = context;
    size_t kept = rr_block_kept_size(p);
    if (kept > 0) { /* always moves, so that the old place is seen to be freed */
        void *moved = allocate(context, n);
        if (moved != NULL) {
            memcpy(moved, p, n < kept ? n : kept);
            end(context, p);
        }
        return moved;
    }
    rr_block_forget(p);
    void *(*move)(void *, void *, size_t) = original->realloc;
    void *moved = move(original->ctx, p, n);
    rr_block_begin(moved, n, release, context);
    return moved;
}

int
rr_allocators_open(void)
{
    static const PyMemAllocatorDomain domains[N_DOMAINS] = {
        PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
    for (int i = 0; i < N_DOMAINS; i++) {
        PyMem_GetAllocator(domains[i], &originals[i]);
        PyMemAllocatorEx ours = {&originals[i], allocate, allocate_cleared, resize, end};
        PyMem_SetAllocator(domains[i], &ours);
    }
    return 0;
}
