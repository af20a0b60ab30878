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
    /* Tallies: written by every thread, relaxed, for they guard nothing; kept off the
     * object's own lines. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t uses_after_free;
    _Atomic int64_t operations;
    _Atomic int64_t in_flight;
};

static inline void
tally(_Atomic int64_t *counter, int64_t d)
{
    atomic_fetch_add_explicit(counter, d, memory_order_relaxed);
}

/* This thread's number, if it may count. */
static int
seat_of(const rr_handle *handle, int *seat)
{
    rr_domain *domain = handle->object->domain;
    *seat = rr_threads_seat(domain, handle->mode);
    return *seat < 0                                ? RR_ESEATS
           : rr_threads_is_detached(domain, *seat) ? RR_EDETACHED
                                                    : RR_OK;
}

/* Be counted as somebody, where it matters who counts: the mode asks, or some thread has said
 * that it does not; and not while all stand still. */
static int
sit_down(const rr_handle *handle, int64_t *before)
{
    rr_domain *domain = handle->object->domain;
    *before = rr_self;
    if (handle->mode->keeps & (RR_KEEPS_TID | RR_KEEPS_LANES) ||
        atomic_load_explicit(&domain->n_detached, memory_order_relaxed) > 0) {
        int seat, status = seat_of(handle, &seat);
        if (status != RR_OK) {
            return status;
        }
        (void)rr_threads_enter(seat);
    }
    if (handle->mode->collapse != NULL) {
        rr_world_enter(&domain->world);
    }
    return RR_OK;
}

static void
stand_up(const rr_handle *handle, int64_t before)
{
    rr_mode_rest(handle->mode, handle->object->domain);
    if (handle->mode->collapse != NULL) {
        rr_world_leave(&handle->object->domain->world);
    }
    rr_threads_become(before);
}

int
rr_handle_open(int mode, rr_domain *domain, rr_handle **out)
{
    if (mode < 0 || mode >= RR_N_MODES) {
        return RR_EINVAL;
    }
    rr_handle *handle = rr_alloc(1, sizeof *handle);
    if (handle == NULL) {
        return RR_ENOMEM;
    }
    handle->number = mode;
    handle->mode = rr_native_modes[mode];
    int status = rr_arena_open(1, handle->mode, domain, &handle->arena);
    if (status != RR_OK) {
        rr_free(handle);
        return status;
    }
    handle->object = rr_arena_object(handle->arena, 0);
    int64_t before;
    status = sit_down(handle, &before);
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

int
rr_handle_widen(rr_handle *handle)
{
    handle->company = rr_alloc(1, sizeof *handle->company);
    if (handle->company == NULL) {
        return RR_ENOMEM;
    }
    rr_company_open(handle->company);
    handle->mode = rr_widened_modes[handle->number];
    return RR_OK;
}

/* Gives whether this thread waits in its gaps from here on. */
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
    int status = sit_down(handle, &before);
    if (status != RR_OK) {
        return status;
    }
    tally(&handle->in_flight, 1);
    bool is_widened = begin_widening(handle, may_wait);
    for (int64_t i = 0; i < n; i++) {
        if (rr_object_is_freed(o)) {
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
    int status = sit_down(handle, &before);
    if (status != RR_OK) {
        return status;
    }
    tally(&handle->in_flight, 1);
    bool is_widened = begin_widening(handle, may_wait);
    for (int64_t i = 0; i < n; i++) {
        if (rr_object_is_freed(o)) {
            misused++;
            continue;
        }
        tally(&o->ledger, -1);
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
    int status = sit_down(handle, &before);
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
    int seat, status = seat_of(handle, &seat);
    if (status != RR_OK || handle->mode->collapse == NULL) {
        return status;
    }
    rr_world_stop(&domain->world);
    *out = rr_threads_collapse(domain, handle->mode, seat);
    rr_world_go_on(&domain->world);
    return RR_OK;
}

int
rr_handle_detach(rr_handle *handle)
{
    rr_domain *domain = handle->object->domain;
    int64_t before;
    int seat, status = seat_of(handle, &seat);
    if (status == RR_OK) {
        status = sit_down(handle, &before);
    }
    if (status == RR_OK) {
        rr_threads_detach(domain, handle->mode, seat);
        stand_up(handle, before);
    }
    return status;
}

int
rr_handle_attach(rr_handle *handle)
{
    rr_domain *domain = handle->object->domain;
    int seat = rr_threads_seat(domain, handle->mode);
    if (seat < 0 || !rr_threads_is_detached(domain, seat)) {
        return seat < 0 ? RR_ESEATS : RR_EATTACHED;
    }
    /* What the mode does here frees nothing, and waits only for whoever counts. */
    rr_threads_attach(domain, handle->mode, seat);
    return RR_OK;
}

bool
rr_handle_use(rr_handle *handle)
{
    bool alive = !rr_object_is_freed(handle->object);
    tally(&handle->uses_after_free, alive ? 0 : 1);
    tally(&handle->operations, 1);
    return alive;
}

void
rr_handle_read(rr_handle *handle, rr_handle_reading *out)
{
    rr_object *o = handle->object;
    out->in_flight = atomic_load_explicit(&handle->in_flight, memory_order_acquire);
    out->deaths = atomic_load_explicit(&o->deaths, memory_order_acquire);
    /* The field itself, not the mode's reading of it: looking must not wait for a lock
     * that another thread holds. */
    out->refcount = out->deaths ? 0 : rr_object_count(o, handle->mode);
    bool is_queued = atomic_load_explicit(&o->queue_of, memory_order_acquire) != NULL;
    bool is_unsettled = o->n_lanes > 0 && out->deaths == 0 && out->refcount == 0;
    out->is_waiting = is_queued || is_unsettled;
    out->ledger = atomic_load_explicit(&o->ledger, memory_order_relaxed);
    out->ledger_at_end = atomic_load_explicit(&o->ledger_at_end, memory_order_relaxed);
    out->uses_after_free =
        atomic_load_explicit(&handle->uses_after_free, memory_order_relaxed);
    out->operations = atomic_load_explicit(&handle->operations, memory_order_relaxed);
    out->gap_waits = out->gaps_met = 0;
    if (handle->company != NULL) {
        out->gap_waits =
            atomic_load_explicit(&handle->company->gap_waits, memory_order_relaxed);
        out->gaps_met =
            atomic_load_explicit(&handle->company->gaps_met, memory_order_relaxed);
    }
}
