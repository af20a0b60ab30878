/* handle.c -- the ledger around a mode's operations. */
#include "arena/handle.h"

#include "arena/arena.h"
#include "arena/company.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"

struct rr_handle {
    const rr_mode *mode;
    rr_arena *arena;
    rr_object *object;
    /* Set before other threads have it. */
    int number; /* of the mode */
    rr_company *company; /* NULL: gaps are natural */
    /* Tallies: written by every thread, relaxed since they guard nothing; not on the
     * object's own cache lines. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t uses_after_free;
    _Atomic int64_t operations;
    _Atomic int64_t in_flight;
    _Atomic int64_t over_releases;
    /* References that increfs of the freed object would have taken, minus those that
     * decrefs would have dropped.  With the ledger: what threads hold, or believe to
     * hold. */
    _Atomic int64_t held_late;
    rr_firsts firsts;
};

static inline void
tally(_Atomic int64_t *counter, int64_t d)
{
    atomic_fetch_add_explicit(counter, d, memory_order_relaxed);
}

/* Returns this thread's number, if it may count. */
static int
slot_of(const rr_handle *handle, int *slot)
{
    rr_domain *domain = handle->object->domain;
    *slot = rr_threads_slot(domain, handle->mode);
    return *slot < 0                                ? RR_ESLOTS
           : rr_threads_is_detached(domain, *slot) ? RR_EDETACHED
                                                    : RR_OK;
}

/* Takes a slot if it matters which thread counts: the mode asks for it, or some thread is
 * detached.  Waits while the world is stopped. */
static int
sit_down(const rr_handle *handle, rr_doing doing, int64_t *before)
{
    rr_domain *domain = handle->object->domain;
    *before = rr_self;
    if (handle->mode->keeps & (RR_KEEPS_TID | RR_KEEPS_LANES) ||
        atomic_load_explicit(&domain->n_detached, memory_order_relaxed) > 0) {
        int slot, status = slot_of(handle, &slot);
        if (status != RR_OK) {
            return status;
        }
        (void)rr_threads_enter(slot);
    }
    if (handle->mode->collapse != NULL) {
        rr_world_enter(&domain->world);
    }
    rr_firsts_begin(doing);
    return RR_OK;
}

static void
stand_up(const rr_handle *handle, int64_t before)
{
    rr_mode_rest(handle->mode, handle->object->domain);
    rr_firsts_begin(RR_DOING_NOTHING);
    if (handle->mode->collapse != NULL) {
        rr_world_leave(&handle->object->domain->world);
    }
    rr_threads_become(before);
}

int
rr_handle_open(int mode, rr_domain *domain, rr_handle **out)
{
    if (rr_native_mode(mode) == NULL) {
        return RR_EINVAL;
    }
    rr_handle *handle = rr_alloc(1, sizeof *handle);
    if (handle == NULL) {
        return RR_ENOMEM;
    }
    handle->number = mode;
    handle->mode = rr_native_mode(mode);
    int status = rr_arena_open(1, handle->mode, domain, &handle->arena);
    if (status != RR_OK) {
        rr_free(handle);
        return status;
    }
    handle->object = rr_arena_object(handle->arena, 0);
    int64_t before;
    handle->object->firsts = &handle->firsts;
    status = sit_down(handle, RR_DOING_NOTHING, &before);
    if (status != RR_OK) {
        rr_handle_close(handle);
        return status;
    }
    (void)rr_arena_renew(handle->arena, 0, handle->mode,
                         &(const rr_start){
                             .count = 1, .tid = rr_self, .is_shared = true});
    stand_up(handle, before);
    *out = handle;
    return RR_OK;
}

void
rr_handle_close(rr_handle *handle)
{
    if (handle != NULL && rr_domain_is_of_this_process(handle->object->domain)) {
        rr_arena_close(handle->arena);
        rr_free(handle->company);
        rr_free(handle);
    }
}

/* The references to the freed object that threads hold, or believe to hold. */
static int64_t
held_of_the_freed(rr_handle *handle)
{
    return atomic_load_explicit(&handle->object->ledger, memory_order_relaxed) +
           atomic_load_explicit(&handle->held_late, memory_order_relaxed);
}

/* An incref or a use of the freed object. */
static void
come_late(rr_handle *handle, int64_t taken)
{
    int64_t held = held_of_the_freed(handle);
    tally(&handle->held_late, taken);
    rr_firsts_note(&handle->firsts, RR_FIRST_LATE_USE, held, held + taken);
}

static void
note_over_release(rr_handle *handle, int64_t before)
{
    tally(&handle->over_releases, 1);
    rr_firsts_note(&handle->firsts, RR_FIRST_OVER_RELEASE, before, before - 1);
}

/* A decref of the freed object; does some thread hold that reference?  One atomic step
 * takes the reference, so that none is dropped twice. */
static bool
drop_late(rr_handle *handle)
{
    int64_t ledger = atomic_load_explicit(&handle->object->ledger, memory_order_relaxed);
    int64_t late = atomic_load_explicit(&handle->held_late, memory_order_relaxed);
    do {
        if (ledger + late <= 0) {
            note_over_release(handle, ledger + late);
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&handle->held_late, &late, late - 1,
                                                    memory_order_relaxed,
                                                    memory_order_relaxed));
    rr_firsts_note(&handle->firsts, RR_FIRST_LATE_USE, ledger + late, ledger + late - 1);
    return true;
}

int
rr_handle_widen(rr_handle *handle)
{
    handle->company = rr_alloc(1, sizeof *handle->company);
    if (handle->company == NULL) {
        return RR_ENOMEM;
    }
    rr_company_open(handle->company);
    handle->mode = rr_widened_mode(handle->number);
    return RR_OK;
}

/* Returns whether this thread waits in its gaps from here on. */
static bool
begin_widening(const rr_handle *handle, bool may_wait)
{
    return may_wait && handle->company != NULL &&
           rr_company_enter(handle->company, rr_this_thread());
}

static void
end_widening(const rr_handle *handle, bool was_widened)
{
    if (was_widened) {
        rr_company_leave(handle->company);
    }
}

int
rr_handle_incref(rr_handle *handle, int64_t n, bool may_wait)
{
    rr_object *o = handle->object;
    int64_t misused = 0, before;
    int status = sit_down(handle, RR_DOING_INCREF, &before);
    if (status != RR_OK) {
        return status;
    }
    tally(&handle->in_flight, 1);
    bool is_widened = begin_widening(handle, may_wait);
    for (int64_t i = 0; i < n; i++) {
        if (rr_object_is_freed(o)) {
            come_late(handle, 1);
            misused++;
            continue;
        }
        handle->mode->incref(o);
        rr_gap_end_operation();
        tally(&o->ledger, 1);
    }
    end_widening(handle, is_widened);
    stand_up(handle, before);
    tally(&handle->uses_after_free, misused);
    tally(&handle->operations, n);
    tally(&handle->in_flight, -1);
    return RR_OK;
}

int
rr_handle_decref(rr_handle *handle, int64_t n, bool may_wait)
{
    rr_object *o = handle->object;
    int64_t misused = 0, before;
    int status = sit_down(handle, RR_DOING_DECREF, &before);
    if (status != RR_OK) {
        return status;
    }
    tally(&handle->in_flight, 1);
    bool is_widened = begin_widening(handle, may_wait);
    for (int64_t i = 0; i < n; i++) {
        if (rr_object_is_freed(o)) {
            misused += drop_late(handle);
            continue;
        }
        int64_t held = atomic_fetch_add_explicit(&o->ledger, -1, memory_order_relaxed);
        if (held <= 0) {
            note_over_release(handle, held);
        }
        handle->mode->decref(o);
        rr_gap_end_operation();
    }
    end_widening(handle, is_widened);
    stand_up(handle, before);
    tally(&handle->uses_after_free, misused);
    tally(&handle->operations, n);
    tally(&handle->in_flight, -1);
    return RR_OK;
}

int
rr_handle_quiesce(rr_handle *handle, int64_t *out)
{
    int64_t before;
    *out = 0;
    int status = sit_down(handle, RR_DOING_QUIESCE, &before);
    if (status == RR_OK) {
        *out = rr_threads_quiesce(handle->object->domain, handle->mode, (int)rr_self - 1);
        stand_up(handle, before);
    }
    return status;
}

int
rr_handle_collapse(rr_handle *handle, int64_t *out)
{
    rr_domain *domain = handle->object->domain;
    *out = 0;
    int slot, status = slot_of(handle, &slot);
    if (status != RR_OK || handle->mode->collapse == NULL) {
        return status;
    }
    rr_world_stop(&domain->world);
    rr_firsts_begin(RR_DOING_COLLAPSE);
    *out = rr_threads_collapse(domain, handle->mode, slot);
    rr_firsts_begin(RR_DOING_NOTHING);
    rr_world_go_on(&domain->world);
    return RR_OK;
}

int
rr_handle_detach(rr_handle *handle)
{
    rr_domain *domain = handle->object->domain;
    int64_t before;
    int slot, status = slot_of(handle, &slot);
    if (status == RR_OK) {
        status = sit_down(handle, RR_DOING_DETACH, &before);
    }
    if (status == RR_OK) {
        rr_threads_detach(domain, handle->mode, slot);
        stand_up(handle, before);
    }
    return status;
}

int
rr_handle_attach(rr_handle *handle)
{
    rr_domain *domain = handle->object->domain;
    int slot = rr_threads_slot(domain, handle->mode);
    if (slot < 0 || !rr_threads_is_detached(domain, slot)) {
        return slot < 0 ? RR_ESLOTS : RR_EATTACHED;
    }
    /* The mode's work here frees nothing, and waits only for threads that count. */
    rr_threads_attach(domain, handle->mode, slot);
    return RR_OK;
}

bool
rr_handle_use(rr_handle *handle)
{
    bool alive = !rr_object_is_freed(handle->object);
    if (!alive) {
        rr_firsts_begin(RR_DOING_USE);
        come_late(handle, 0);
        rr_firsts_begin(RR_DOING_NOTHING);
        tally(&handle->uses_after_free, 1);
    }
    tally(&handle->operations, 1);
    return alive;
}

void
rr_handle_read(rr_handle *handle, rr_handle_reading *out)
{
    rr_object *o = handle->object;
    out->in_flight = atomic_load_explicit(&handle->in_flight, memory_order_acquire);
    out->deaths = atomic_load_explicit(&o->deaths, memory_order_acquire);
    /* The field itself, not the mode's operation: reading must not wait for a lock that
     * another thread holds. */
    out->refcount = out->deaths ? 0 : rr_object_count(o, handle->mode);
    bool is_queued = atomic_load_explicit(&o->queue_of, memory_order_acquire) != NULL;
    bool is_unsettled = o->n_lanes > 0 && out->deaths == 0 && out->refcount == 0;
    out->is_waiting = is_queued || is_unsettled;
    out->ledger = atomic_load_explicit(&o->ledger, memory_order_relaxed);
    out->ledger_at_end = atomic_load_explicit(&o->ledger_at_end, memory_order_relaxed);
    out->uses_after_free =
        atomic_load_explicit(&handle->uses_after_free, memory_order_relaxed);
    out->over_releases = atomic_load_explicit(&handle->over_releases, memory_order_relaxed);
    out->operations = atomic_load_explicit(&handle->operations, memory_order_relaxed);
    out->gap_waits = out->gaps_met = 0;
    if (handle->company != NULL) {
        out->gap_waits =
            atomic_load_explicit(&handle->company->gap_waits, memory_order_relaxed);
        out->gaps_met =
            atomic_load_explicit(&handle->company->gaps_met, memory_order_relaxed);
    }
}

bool
rr_handle_first(rr_handle *handle, rr_first_kind kind, rr_first *out)
{
    return rr_firsts_read(&handle->firsts, kind, out);
}

unsigned
rr_handle_firsts_known(rr_handle *handle)
{
    return rr_firsts_known(&handle->firsts);
}
