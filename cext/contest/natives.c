/* natives.c -- calls the native mode; an end of life is noted and has no consequence. */
#include "contest/natives.h"

#include "arena/arena.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "contest/kept.h"
#include "program/program.h"

struct rr_natives {
    const rr_mode *mode;
    int n_threads;
    rr_domain *domain;
    rr_arena *arena;
};

/* A mode says that a life ends by a call that names only the object; which of the
 * threads that are at it said so is known by where it lands. */
static _Thread_local bool life_ended;

static void
note_end(rr_object *o)
{
    (void)o;
    life_ended = true;
}

int
rr_natives_open(int mode, int n_objects, int n_threads, rr_natives **out)
{
    if (mode < 0 || mode >= RR_N_MODES || n_threads > RR_MAX_THREAD_SLOTS) {
        return RR_EINVAL;
    }
    rr_natives *natives = rr_alloc(1, sizeof *natives);
    if (natives == NULL) {
        return RR_ENOMEM;
    }
    natives->mode = rr_native_modes[mode];
    natives->n_threads = n_threads;
    int status = rr_domain_open(&natives->domain);
    if (status == RR_OK) {
        natives->domain->on_end = note_end;
        for (int t = 0; t < n_threads; t++) {
            rr_threads_join(natives->domain, natives->mode, t);
        }
        int64_t n_slots = n_objects > 0 ? n_objects : 1;
        status = rr_arena_open(n_slots, natives->mode, natives->domain, &natives->arena);
    }
    if (status != RR_OK) {
        rr_natives_close(natives);
        return status;
    }
    *out = natives;
    return RR_OK;
}

void
rr_natives_close(rr_natives *natives)
{
    if (natives != NULL) {
        rr_arena_close(natives->arena);
        rr_domain_close(natives->domain);
        rr_free(natives);
    }
}

static bool
has_queues(const rr_natives *natives)
{
    return (natives->mode->keeps & RR_KEEPS_QUEUE) != 0;
}

static bool
keeps_attachment(const rr_natives *natives)
{
    return (natives->mode->keeps & RR_KEEPS_ATTACHMENT) != 0;
}

/* Relaxed: threads come to the object, and leave it, through the round's lock. */
void
rr_natives_set(rr_natives *natives, int object, const rr_kept *kept)
{
    rr_object *o = rr_arena_object(natives->arena, object);
    rc_store_relaxed(&o->ob_refcnt, kept->words.refcnt);
    rc_store_relaxed(&o->ob_ref_shared, kept->words.shared);
    rc_store_relaxed(&o->ob_tid, kept->words.tid);
    if (has_queues(natives)) {
        rr_threads_put_in_queue(o, kept->queue);
    }
    if (o->n_lanes > 0) {
        rr_lanes_begin(o);
    }
    for (int t = 0; o->n_lanes > 0 && t < natives->n_threads; t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            rc_store_relaxed(rr_lane_of(o, t, i), kept->lanes[t][i]);
        }
    }
}

void
rr_natives_put_first(rr_natives *natives, int object)
{
    rr_object *o = rr_arena_object(natives->arena, object);
    if (o->n_lanes > 0) {
        rr_lanes_forget(o);
        rr_lanes_list(o);
    }
}

void
rr_natives_take(rr_natives *natives, int object, rr_kept *out)
{
    rr_object *o = rr_arena_object(natives->arena, object);
    *out = (rr_kept){
        .words = {.refcnt = rc_load_relaxed(&o->ob_refcnt),
                  .shared = rc_load_relaxed(&o->ob_ref_shared),
                  .tid = rc_load_relaxed(&o->ob_tid)},
    };
    if (has_queues(natives)) {
        out->queue = rr_threads_queue_of(o);
        rr_threads_forget(o);
    }
    for (int t = 0; o->n_lanes > 0 && t < natives->n_threads; t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            out->lanes[t][i] = rc_load_relaxed(rr_lane_of(o, t, i));
        }
    }
    rr_lanes_forget(o);
}

void
rr_natives_set_threads(rr_natives *natives, const rr_kept_by_threads *kept)
{
    for (int t = 0; has_queues(natives) && t < natives->n_threads; t++) {
        rr_threads_set_closed(natives->domain, t, kept->closed >> t & 1);
    }
    for (int t = 0; keeps_attachment(natives) && t < natives->n_threads; t++) {
        rr_threads_set_detached(natives->domain, t, kept->detached >> t & 1);
    }
    rc_store_relaxed(&natives->domain->epoch, kept->epoch);
    for (int t = 0; t < natives->n_threads; t++) {
        rc_store_relaxed(&natives->domain->threads[t].announced, kept->announced[t]);
    }
}

void
rr_natives_read_threads(rr_natives *natives, rr_kept_by_threads *out)
{
    *out = (rr_kept_by_threads){.epoch = rc_load_relaxed(&natives->domain->epoch)};
    for (int t = 0; has_queues(natives) && t < natives->n_threads; t++) {
        out->closed |= (uint64_t)rr_threads_is_closed(natives->domain, t) << t;
    }
    for (int t = 0; keeps_attachment(natives) && t < natives->n_threads; t++) {
        out->detached |= (uint64_t)rc_is_detached(&natives->domain->threads[t]) << t;
    }
    for (int t = 0; t < natives->n_threads; t++) {
        out->announced[t] =
            rc_load_relaxed(&natives->domain->threads[t].announced);
    }
}

void
rr_natives_touch(rr_natives *natives, int object)
{
    rr_object *o = rr_arena_object(natives->arena, object);
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
    default:
        return mode->count_add(o, -1);
    }
}

/* Hooks find their object by themselves. */
static int64_t
run(const rr_natives *natives, const rr_native_call *call)
{
    const rr_mode *mode = natives->mode;
    rr_thread *me = &natives->domain->threads[call->thread];
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
        return run_operation(mode, rr_arena_object(natives->arena, call->object), call);
    }
}

rr_native_answer
rr_natives_run(rr_natives *natives, const rr_native_call *call)
{
    int64_t before = rr_threads_enter(call->thread);
    life_ended = false;
    rr_native_answer answer = {.value = run(natives, call)};
    rr_mode_rest(natives->mode, natives->domain);
    rr_threads_become(before);
    answer.ended_life = life_ended;
    return answer;
}
