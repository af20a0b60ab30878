/* canary_record.c -- the arena, the trap pages, and the way from an address to a record. */
#include <Python.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "cpython/canary_contents.h"
#include "cpython/canary_record.h"
#include "cpython/canary_trap.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

rr_canary *rr_records;
char *rr_objects;

/* `mutex` protects all of it, except that readers need no lock: a record's object is
 * set before its address can be known to anybody. */
static struct {
    pthread_mutex_t mutex;
    int32_t top;    /* records from here on were never used */
    int32_t cursor; /* all records before it are in use */
    uint64_t generation;
    int32_t n_outside;
    _Atomic int32_t outside[2 * RR_MOST_OUTSIDE]; /* open addressing; number + 1 */
} all = {.mutex = PTHREAD_MUTEX_INITIALIZER, .generation = 1};

static void *
reserve(size_t bytes)
{
    void *const p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Address space only; the system gives memory page by page, at first use. */
static bool
open_arena(void)
{
    if (rr_records != NULL) {
        return true;
    }
    char *const objects = reserve((size_t)RR_MOST_CANARIES * RR_STRIDE);
    rr_canary *const records = reserve((size_t)RR_MOST_CANARIES * sizeof *records);
    if (objects == NULL || records == NULL) {
        return false;
    }
    rr_objects = objects;
    rr_records = records;
    return true;
}

static void
clear(rr_canary *c)
{
    PyMem_RawFree(c->touch_stack);
    PyMem_RawFree(c->death_stack);
    memset(c, 0, sizeof *c);
}

static rr_canary *
take(bool has_page, PyObject **memory, rr_limit *why)
{
    *why = RR_LIMIT_MEMORY;
    if (!open_arena() || (has_page && !rr_trap_open())) {
        return NULL;
    }
    while (all.cursor < RR_MOST_CANARIES &&
           rr_records[all.cursor].state != RR_CANARY_FREE) {
        all.cursor++;
    }
    *why = RR_LIMIT_CANARIES;
    if (all.cursor == RR_MOST_CANARIES) {
        return NULL;
    }
    const int32_t number = all.cursor;
    rr_canary *const c = &rr_records[number];
    char *base = rr_objects + (size_t)number * RR_STRIDE;
    if (has_page) {
        *why = RR_LIMIT_TRAPPED;
        base = rr_trap_take_page(c);
        if (base == NULL) {
            return NULL;
        }
    }
    *why = RR_LIMIT_NONE;
    all.cursor++;
    clear(c);
    c->generation = all.generation;
    c->has_page = has_page;
    c->state = RR_CANARY_DYING; /* taken; not yet alive */
    if (number >= all.top) {
        all.top = number + 1;
    }
    memset(base, 0, RR_STRIDE);
    *memory = c->object = (PyObject *)(void *)(base + RR_HEAD);
    return c;
}

rr_canary *
rr_record_take(bool has_page, PyObject **memory, rr_limit *why)
{
    pthread_mutex_lock(&all.mutex);
    rr_canary *const c = take(has_page, memory, why);
    pthread_mutex_unlock(&all.mutex);
    return c;
}

static void
free_record(rr_canary *c)
{
    const int32_t number = rr_canary_number(c);
    if (c->has_page) {
        rr_trap_release_page(c);
    }
    c->object = NULL;
    c->state = RR_CANARY_FREE;
    all.cursor = number < all.cursor ? number : all.cursor;
}

void
rr_record_give_back(rr_canary *canary)
{
    pthread_mutex_lock(&all.mutex);
    free_record(canary);
    pthread_mutex_unlock(&all.mutex);
}

static size_t
place_of(const void *address)
{
    return (uintptr_t)address / 16 * 0x9E3779B97F4A7C15u >> 20;
}

static void
enter(const void *address, int32_t number)
{
    for (size_t at = place_of(address);; at++) {
        _Atomic int32_t *const place = &all.outside[at % (2 * RR_MOST_OUTSIDE)];
        if (atomic_load_explicit(place, memory_order_relaxed) == 0) {
            atomic_store_explicit(place, number + 1, memory_order_release);
            return;
        }
    }
}

bool
rr_record_enter_address(rr_canary *canary, PyObject *object)
{
    pthread_mutex_lock(&all.mutex);
    const bool has_room = all.n_outside < RR_MOST_OUTSIDE;
    if (has_room) {
        all.n_outside++;
        canary->object = object;
        enter(object, rr_canary_number(canary));
    }
    pthread_mutex_unlock(&all.mutex);
    return has_room;
}

rr_canary *
rr_canary_elsewhere(const void *address)
{
    rr_canary *const trapped = rr_trap_owner(address);
    if (trapped != NULL) {
        return trapped->object == address ? trapped : NULL;
    }
#ifdef Py_GIL_DISABLED
    for (size_t at = place_of(address);; at++) {
        const int32_t entry = atomic_load_explicit(
            &all.outside[at % (2 * RR_MOST_OUTSIDE)], memory_order_acquire);
        if (entry == 0) {
            return NULL;
        }
        if (rr_records[entry - 1].object == address) {
            return &rr_records[entry - 1];
        }
    }
#else
    return NULL;
#endif
}

int64_t
rr_canary_find(const void *address)
{
    const rr_canary *const c = rr_records == NULL ? NULL : rr_canary_at(address);
    return c == NULL ? -1 : rr_canary_number(c);
}

rr_canary *
rr_canary_numbered(int64_t number)
{
    if (number < 0 || number >= all.top ||
        rr_records[number].state == RR_CANARY_FREE) {
        return NULL;
    }
    return &rr_records[number];
}

bool
rr_canary_is_recent(const rr_canary *canary)
{
    return canary->generation == all.generation;
}

int64_t
rr_canaries_top(void)
{
    return all.top;
}

/* ---- reset ---- */

/* Whether nothing can refer to the memory any more, as far as is known. */
static bool
is_done(const rr_canary *c)
{
    rr_canary_reading r;
    if (c->state != RR_CANARY_DEAD) {
        return false;
    }
    rr_canary_read(c, &r);
    return r.drift == 0 && r.deaths == 1 && r.dead_touches == 0 && r.n_traps == 0 &&
           !r.died_in_slot && !r.died_detached && !r.died_while_held;
}

/* The addresses of canaries outside of the arena that are not done. */
static void
enter_all_again(void)
{
    memset((void *)all.outside, 0, sizeof all.outside);
    all.n_outside = 0;
    for (int32_t n = 0; n < all.top; n++) {
        const rr_canary *const c = &rr_records[n];
        if (c->state != RR_CANARY_FREE && rr_canary_is_outside(c)) {
            all.n_outside++;
            enter(c->object, n);
        }
    }
}

int64_t
rr_canaries_reset(void)
{
    for (int32_t n = 0; n < all.top; n++) {
        if (rr_records[n].held > 0) {
            return n;
        }
    }
    /* What was stored in one that died without a thread state. */
    for (int32_t n = 0; n < all.top; n++) {
        if (rr_records[n].state == RR_CANARY_DEAD) {
            rr_canary_drop_contents(&rr_records[n]);
        }
    }
    pthread_mutex_lock(&all.mutex);
    const bool are_outside = all.n_outside > 0;
    for (int32_t n = 0; n < all.top; n++) {
        rr_canary *const c = &rr_records[n];
        if (is_done(c)) {
            if (rr_canary_is_outside(c)) {
                PyObject_GC_Del(c->object);
            }
            free_record(c);
        }
    }
    while (all.top > 0 && rr_records[all.top - 1].state == RR_CANARY_FREE) {
        all.top--;
    }
    if (are_outside) {
        enter_all_again();
    }
    all.generation++;
    pthread_mutex_unlock(&all.mutex);
    return -1;
}
