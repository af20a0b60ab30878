/* native_objects.c -- calls the native mode; the end of an object's life is recorded, but
 * the object is not freed. */
#include "conformance/native_objects.h"

#include "arena/arena.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "conformance/mode_state.h"
#include "mem/rr_gap.h"
#include "program/program.h"

/* A thread waits in one of so many gaps, if they are widened. */
enum { GAP_ODDS = 2 };

_Static_assert((int)RR_MAX_PROGRAM_THREADS < (int)RR_MAX_GAP_THREADS,
               "one for each thread, and for what comes after the run");

struct rr_native_objects {
    const rr_mode *mode;
    int n_threads;
    bool is_widened;
    rr_gaps gaps;
    rr_gap_thread gap_of[RR_MAX_PROGRAM_THREADS + 1];
    rr_domain *domain;
    rr_arena *arena;
};

/* A mode frees by a call that names only the object.  This flag shows which of the
 * threads that use the object made the call. */
static _Thread_local bool life_ended;

static void
note_end(rr_object *o)
{
    (void)o;
    life_ended = true;
}

static void
widen(rr_native_objects *native_objects, uint64_t seed)
{
    native_objects->is_widened = true;
    rr_gaps_begin(&native_objects->gaps, native_objects->n_threads);
    for (int t = 0; t < native_objects->n_threads; t++) {
        native_objects->gap_of[t] = (rr_gap_thread){
            .gaps = &native_objects->gaps,
            .number = t,
            .odds = GAP_ODDS,
            .rng = rr_rng_stream(~seed, (uint64_t)t),
        };
        rr_gap_leave(&native_objects->gap_of[t]);
    }
}

int
rr_native_objects_open(int mode, int n_objects, int n_threads, const uint64_t *gap_seed,
                       rr_native_objects **out)
{
    if (rr_native_mode(mode) == NULL || n_threads > RR_MAX_THREAD_SLOTS ||
        n_threads > RR_MAX_PROGRAM_THREADS + 1) {
        return RR_EINVAL;
    }
    rr_native_objects *native_objects = rr_alloc(1, sizeof *native_objects);
    if (native_objects == NULL) {
        return RR_ENOMEM;
    }
    native_objects->mode =
        gap_seed != NULL ? rr_widened_mode(mode) : rr_native_mode(mode);
    native_objects->n_threads = n_threads;
    if (gap_seed != NULL) {
        widen(native_objects, *gap_seed);
    }
    int status = rr_domain_open(&native_objects->domain);
    if (status == RR_OK) {
        native_objects->domain->on_end = note_end;
        for (int t = 0; t < n_threads; t++) {
            rr_threads_join(native_objects->domain, native_objects->mode, t);
        }
        int64_t n_slots = n_objects > 0 ? n_objects : 1;
        status = rr_arena_open(n_slots, native_objects->mode, native_objects->domain,
                               &native_objects->arena);
    }
    if (status != RR_OK) {
        rr_native_objects_close(native_objects);
        return status;
    }
    *out = native_objects;
    return RR_OK;
}

void
rr_native_objects_close(rr_native_objects *native_objects)
{
    if (native_objects != NULL) {
        rr_arena_close(native_objects->arena);
        rr_domain_close(native_objects->domain);
        rr_free(native_objects);
    }
}

static bool
has_queues(const rr_native_objects *native_objects)
{
    return (native_objects->mode->keeps & RR_KEEPS_QUEUE) != 0;
}

static bool
keeps_attachment(const rr_native_objects *native_objects)
{
    return (native_objects->mode->keeps & RR_KEEPS_ATTACHMENT) != 0;
}

/* Relaxed: the round's lock orders all uses of the object by threads. */
void
rr_native_objects_set(rr_native_objects *native_objects, int object,
                      const rr_mode_state *kept)
{
    rr_object *o = rr_arena_object(native_objects->arena, object);
    rc_store_relaxed(&o->ob_refcnt, kept->words.refcnt);
    rc_store_relaxed(&o->ob_ref_shared, kept->words.shared);
    rc_store_relaxed(&o->ob_tid, kept->words.tid);
    if (has_queues(native_objects)) {
        rr_threads_put_in_queue(o, kept->queue);
    }
    if (o->n_lanes > 0) {
        rr_lanes_begin(o);
    }
    for (int t = 0; o->n_lanes > 0 && t < native_objects->n_threads; t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            rc_store_relaxed(rr_lane_of(o, t, i), kept->lanes[t][i]);
        }
    }
}

void
rr_native_objects_put_first(rr_native_objects *native_objects, int object)
{
    rr_object *o = rr_arena_object(native_objects->arena, object);
    if (o->n_lanes > 0) {
        rr_lanes_forget(o);
        rr_lanes_list(o);
    }
}

void
rr_native_objects_take(rr_native_objects *native_objects, int object, rr_mode_state *out)
{
    rr_object *o = rr_arena_object(native_objects->arena, object);
    *out = (rr_mode_state){
        .words = {.refcnt = rc_load_relaxed(&o->ob_refcnt),
                  .shared = rc_load_relaxed(&o->ob_ref_shared),
                  .tid = rc_load_relaxed(&o->ob_tid)},
    };
    if (has_queues(native_objects)) {
        out->queue = rr_threads_queue_of(o);
        rr_threads_forget(o);
    }
    for (int t = 0; o->n_lanes > 0 && t < native_objects->n_threads; t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            out->lanes[t][i] = rc_load_relaxed(rr_lane_of(o, t, i));
        }
    }
    rr_lanes_forget(o);
}

void
rr_native_objects_set_threads(rr_native_objects *native_objects,
                              const rr_threads_state *kept)
{
    for (int t = 0; has_queues(native_objects) && t < native_objects->n_threads; t++) {
        rr_threads_set_closed(native_objects->domain, t, kept->closed >> t & 1);
    }
    for (int t = 0; keeps_attachment(native_objects) && t < native_objects->n_threads;
         t++) {
        rr_threads_set_detached(native_objects->domain, t, kept->detached >> t & 1);
    }
    rc_store_relaxed(&native_objects->domain->epoch, kept->epoch);
    for (int t = 0; t < native_objects->n_threads; t++) {
        rc_store_relaxed(&native_objects->domain->threads[t].announced,
                         kept->announced[t]);
    }
}

void
rr_native_objects_read_threads(rr_native_objects *native_objects, rr_threads_state *out)
{
    *out = (rr_threads_state){.epoch = rc_load_relaxed(&native_objects->domain->epoch)};
    for (int t = 0; has_queues(native_objects) && t < native_objects->n_threads; t++) {
        out->closed |= (uint64_t)rr_threads_is_closed(native_objects->domain, t) << t;
    }
    for (int t = 0; keeps_attachment(native_objects) && t < native_objects->n_threads;
         t++) {
        out->detached |= (uint64_t)rc_is_detached(&native_objects->domain->threads[t])
                         << t;
    }
    for (int t = 0; t < native_objects->n_threads; t++) {
        out->announced[t] =
            rc_load_relaxed(&native_objects->domain->threads[t].announced);
    }
}

void
rr_native_objects_touch(rr_native_objects *native_objects, int object)
{
    rr_object *o = rr_arena_object(native_objects->arena, object);
    (void)rc_load_relaxed(&o->ob_refcnt);
    (void)rc_load_relaxed(&o->ob_ref_shared);
    (void)rc_load_relaxed(&o->ob_tid);
}

static int64_t
run_operation(const rr_mode *mode, rr_object *o, const rr_native_call *call)
{
    switch (call->op) {
    case RR_OP_INCREF:
        mode->incref(o);
        return 0;
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
        mode->decref(o);
        return 0;
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
        return mode->try_incref(o);
    case RR_OP_UNIQUE:
        return mode->unique(o);
    case RR_OP_RC:
        return mode->count_get(o);
    case RR_OP_SETRC:
        mode->count_set(o, call->a);
        return 0;
    case RR_OP_CASRC:
        return mode->count_cas(o, call->a, call->b);
    case RR_OP_INCFETCH:
        return mode->count_add(o, 1);
    case RR_OP_IMMORTALISE:
        mode->immortalise(o);
        return 0;
    case RR_OP_MERGE:
        return mode->merge(o, 0);
    case RR_OP_ENABLE_TRY:
        mode->enable_try(o);
        return 0;
    default:
        return mode->count_add(o, -1);
    }
}

/* Hooks find their object themselves. */
static int64_t
run(const rr_native_objects *native_objects, const rr_native_call *call)
{
    const rr_mode *mode = native_objects->mode;
    rr_thread *me = &native_objects->domain->threads[call->thread];
    switch (call->op) {
    case RR_OP_QUIESCE:
        return mode->quiesce(me);
    case RR_OP_DETACH:
        return mode->detach(me);
    case RR_OP_ATTACH:
        return mode->attach(me);
    case RR_OP_LEAVE:
        return mode->leave(me);
    case RR_OP_COLLAPSE:
        return mode->collapse(me);
    default:
        return run_operation(mode, rr_arena_object(native_objects->arena, call->object),
                             call);
    }
}

void
rr_native_objects_arrive(rr_native_objects *native_objects, int thread)
{
    if (native_objects->is_widened) {
        rr_gap_enter(&native_objects->gap_of[thread]);
    }
}

rr_native_answer
rr_native_objects_run(rr_native_objects *native_objects, const rr_native_call *call)
{
    int64_t before = rr_threads_enter(call->thread);
    life_ended = false;
    rr_gap_self =
        native_objects->is_widened ? &native_objects->gap_of[call->thread] : NULL;
    rr_native_answer answer = {.value = run(native_objects, call)};
    rr_gap_end_operation();
    rr_gap_self = NULL;
    if (native_objects->is_widened) {
        rr_gap_leave(&native_objects->gap_of[call->thread]);
    }
    rr_mode_rest(native_objects->mode, native_objects->domain);
    rr_threads_become(before);
    answer.ended_life = life_ended;
    return answer;
}
