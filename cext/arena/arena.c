/* arena.c -- slots for native objects, and what freeing one does. */
#include "arena/arena.h"

#include "arena/firsts.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"

struct rr_arena {
    rr_object *slots;
    int64_t n_slots; /* those whose lock is initialised */
    rc_cell *lanes;  /* thread by thread; NULL if the mode has none */
};

/* Each thread gets whole cache lines, since no other thread writes there. */
static int
open_lanes(rr_arena *arena, int n_lanes)
{
    enum { CELLS = RR_CACHE_BYTES / sizeof(rc_cell) };
    int64_t stride = (arena->n_slots * n_lanes + CELLS - 1) / CELLS * CELLS;
    if (n_lanes == 0) {
        return RR_OK;
    }
    arena->lanes = rr_alloc((size_t)stride * RR_MAX_THREAD_SLOTS, sizeof *arena->lanes);
    if (arena->lanes == NULL) {
        return RR_ENOMEM;
    }
    for (int64_t i = 0; i < arena->n_slots; i++) {
        arena->slots[i].lanes = arena->lanes + i * n_lanes;
        arena->slots[i].lane_stride = stride;
        arena->slots[i].n_lanes = n_lanes;
    }
    return RR_OK;
}

int
rr_arena_open(int64_t n_slots, const rr_mode *mode, rr_domain *domain, rr_arena **out)
{
    if (n_slots < 1) {
        return RR_EINVAL;
    }
    rr_arena *arena = rr_alloc(1, sizeof *arena);
    if (arena == NULL) {
        return RR_ENOMEM;
    }
    int status = RR_OK;
    arena->slots = rr_alloc((size_t)n_slots, sizeof *arena->slots);
    if (arena->slots == NULL) {
        status = RR_ENOMEM;
        goto failed;
    }
    for (; arena->n_slots < n_slots; arena->n_slots++) {
        rr_object *o = &arena->slots[arena->n_slots];
        o->domain = domain;
        if (pthread_mutex_init(&o->ob_mutex.os, NULL) != 0) {
            status = RR_ETHREAD;
            goto failed;
        }
    }
    status = open_lanes(arena, mode->n_lanes);
    if (status != RR_OK) {
        goto failed;
    }
    *out = arena;
    return RR_OK;

failed:
    rr_arena_close(arena);
    return status;
}

void
rr_arena_close(rr_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (int64_t i = 0; i < arena->n_slots; i++) {
        rr_threads_forget(&arena->slots[i]);
        rr_lanes_forget(&arena->slots[i]);
        (void)pthread_mutex_destroy(&arena->slots[i].ob_mutex.os);
    }
    rr_free(arena->slots);
    rr_free(arena->lanes);
    rr_free(arena);
}

rr_object *
rr_arena_object(rr_arena *arena, int64_t slot)
{
    return &arena->slots[slot];
}

rr_object *
rr_arena_renew(rr_arena *arena, int64_t slot, const rr_mode *mode,
               const rr_start *start)
{
    rr_object *o = &arena->slots[slot];
    rr_words words = rr_mode_begin(mode, start);
    /* Relaxed: the caller's next action publishes the new object (a barrier, a thread's
     * start). */
    rc_store_relaxed(&o->ob_refcnt, words.refcnt);
    rc_store_relaxed(&o->ob_ref_shared, words.shared);
    rc_store_relaxed(&o->ob_tid, words.tid);
    atomic_store_explicit(&o->deaths, 0, memory_order_relaxed);
    atomic_store_explicit(&o->ledger, start->count, memory_order_relaxed);
    atomic_store_explicit(&o->ledger_at_end, INT64_MIN, memory_order_relaxed);
    o->generation++;
    if (o->n_lanes > 0) {
        rr_lanes_begin(o);
    }
    return o;
}

int64_t
rr_object_count(rr_object *o, const rr_mode *mode)
{
    return rr_mode_count_of(mode, &(const rr_words){
        .refcnt = rc_load_relaxed(&o->ob_refcnt),
        .shared = rc_load_relaxed(&o->ob_ref_shared),
        .tid = rc_load_relaxed(&o->ob_tid),
        .lanes = rr_lanes_sum(o),
    });
}

void
rr_object_end(rr_object *o)
{
    if (o->domain != NULL && o->domain->on_end != NULL) {
        o->domain->on_end(o);
        return;
    }
    int64_t ledger = atomic_load_explicit(&o->ledger, memory_order_relaxed);
    bool is_first = atomic_fetch_add_explicit(&o->deaths, 1, memory_order_acq_rel) == 0;
    if (o->firsts != NULL) {
        rr_firsts_note_end(o->firsts, is_first, ledger);
    }
    if (!is_first) {
        return; /* freed again: counted, but there is nothing left to free */
    }
    atomic_store_explicit(&o->ledger_at_end, ledger, memory_order_relaxed);
    rc_store_relaxed(&o->ob_refcnt, RR_POISON);
    rc_store_relaxed(&o->ob_ref_shared, RR_POISON);
}
