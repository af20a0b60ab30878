/* canary_record.h -- the records of canaries, and the memory of the objects.
 *
 * A record is outside of its object, so that a wild write to the object cannot change it
 * and the object's page can be taken away.  The memory of an object is not reused before
 * rr_canaries_reset, and not at all after a finding.
 */
#ifndef RR_CPYTHON_CANARY_RECORD_H
#define RR_CPYTHON_CANARY_RECORD_H

#include <Python.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpython/canary.h"

enum {
    RR_STRIDE = 64,      /* bytes for each object of the arena */
    RR_HEAD = 16,        /* room for the collector's head, in front of an object */
    RR_MOST_TRAP_IPS = 4 /* addresses of instructions for each canary */
};

_Static_assert(RR_HEAD + sizeof(PyObject) + sizeof(PyObject *) <= (size_t)RR_STRIDE,
               "an object is followed by its list of weak references");

typedef enum rr_canary_state {
    RR_CANARY_FREE, /* no canary has the record */
    RR_CANARY_LIVE,
    RR_CANARY_DYING,
    RR_CANARY_DEAD
} rr_canary_state;

typedef struct rr_hook {
    uint8_t slot, action;
    _Atomic bool is_running; /* it does not act inside itself */
    uint32_t nth;
    _Atomic uint32_t calls;
} rr_hook;

/* Threads may update a record at once; what only one of them may decide is atomic. */
struct rr_canary {
    PyObject *object;
    _Atomic int state;
    int n_hooks;
    _Atomic int64_t touches;
    int64_t value;
    bool has_value, is_tracked, is_merged, is_trapped, has_page;
    uint16_t supports;
    int32_t made_by; /* -1: no canary */
    int16_t born_in;
    uint64_t generation;
    _Atomic int64_t held, deaths, dead_touches, position, calls;
    _Atomic int in_slot, first_dead_slot;
    _Atomic bool died_in_slot, died_detached, died_while_held, is_protected;
    _Atomic bool is_guarded, was_guarded; /* while it lives, its page is inaccessible */
    _Atomic int n_traps;
    _Atomic uintptr_t trap_ips[RR_MOST_TRAP_IPS];
    _Atomic uint64_t toucher, killer; /* pthread_self(); 0: none */
    char *_Atomic touch_stack;
    char *_Atomic death_stack;
    PyObject *_Atomic items; /* dictionaries of what was stored in it, or NULL */
    PyObject *_Atomic attributes;
    char bytes[8]; /* what its buffer shows */
    rr_hook hooks[RR_MOST_HOOKS];
};

/* Under the GIL nobody else updates a counter of a slot, and an atomic addition would
 * cost more than the rest of the slot. */
#ifdef Py_GIL_DISABLED
#define RR_BUMP(counter) \
    ((void)atomic_fetch_add_explicit(&(counter), 1, memory_order_relaxed))
#else
#define RR_BUMP(counter)                                                            \
    atomic_store_explicit(&(counter),                                               \
                          atomic_load_explicit(&(counter), memory_order_relaxed) + 1, \
                          memory_order_relaxed)
#endif

extern rr_canary *rr_records;
extern char *rr_objects;

/* The canary of an address that is not in the arena, or NULL. */
rr_canary *rr_canary_elsewhere(const void *address);

/* The canary at an address, or NULL.  The object is not touched. */
static inline rr_canary *
rr_canary_at(const void *address)
{
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)rr_objects - RR_HEAD;
    if (offset < (uintptr_t)RR_MOST_CANARIES * RR_STRIDE) {
        rr_canary *const c = &rr_records[offset / RR_STRIDE];
        return offset % RR_STRIDE == 0 && c->object == address ? c : NULL;
    }
    return rr_canary_elsewhere(address);
}

static inline int32_t
rr_canary_number(const rr_canary *canary)
{
    return (int32_t)(canary - rr_records);
}

static inline bool
rr_canary_is_live(const rr_canary *canary)
{
    return atomic_load_explicit(&canary->state, memory_order_acquire) == RR_CANARY_LIVE;
}

/* Whether its memory is that of the collector and not of the arena: the free-threaded
 * collector finds tracked objects in the interpreter's own heaps only. */
static inline bool
rr_canary_is_outside(const rr_canary *canary)
{
#ifdef Py_GIL_DISABLED
    return canary->is_tracked;
#else
    (void)canary;
    return false;
#endif
}

/* A record without a canary, with the memory of an object; NULL: all are in use, and
 * `why` is the limit that was reached. */
rr_canary *rr_record_take(bool has_page, PyObject **memory, rr_limit *why);

/* Gives a record back that was taken and not used. */
void rr_record_give_back(rr_canary *canary);

/* From here on the canary is found by an address outside of the arena.
 * false: no room. */
bool rr_record_enter_address(rr_canary *canary, PyObject *object);

#endif
