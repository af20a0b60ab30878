/* natives.c -- calls the native mode; an end of life is noted and has no consequence. */
#include "contest/natives.h"

#include "arena/arena.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "program/program.h"

struct rr_natives {
    const rr_mode *mode;
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
rr_natives_open(int mode, int n_objects, rr_natives **out)
{
    if (mode < 0 || mode >= RR_N_MODES) {
        return RR_EINVAL;
    }
    rr_natives *natives = rr_alloc(1, sizeof *natives);
    if (natives == NULL) {
        return RR_ENOMEM;
    }
    natives->mode = rr_native_modes[mode];
    int status = rr_domain_open(&natives->domain);
    if (status == RR_OK) {
        natives->domain->on_end = note_end;
        int64_t n_slots = n_objects > 0 ? n_objects : 1;
        status = rr_arena_open(n_slots, natives->domain, &natives->arena);
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

/* Relaxed: threads come to the object, and leave it, through the round's lock. */
void
rr_natives_set(rr_natives *natives, int object, const rr_words *words)
{
    rr_object *o = rr_arena_object(natives->arena, object);
    rc_store_relaxed(&o->ob_refcnt, words->refcnt);
    rc_store_relaxed(&o->ob_ref_shared, words->shared);
    rc_store_relaxed(&o->ob_tid, words->tid);
}

void
rr_natives_read(rr_natives *natives, int object, rr_words *out)
{
    rr_object *o = rr_arena_object(natives->arena, object);
    *out = (rr_words){
        .refcnt = rc_load_relaxed(&o->ob_refcnt),
        .shared = rc_load_relaxed(&o->ob_ref_shared),
        .tid = rc_load_relaxed(&o->ob_tid),
    };
}

rr_native_answer
rr_natives_run(rr_natives *natives, int object, int op, int64_t a, int64_t b)
{
    const rr_mode *mode = natives->mode;
    rr_object *o = rr_arena_object(natives->arena, object);
    rr_native_answer answer = {0, false};
    life_ended = false;
    switch (op) {
    case RR_OP_INCREF:
        mode->incref(o);
        break;
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
        mode->decref(o);
        break;
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
        answer.value = mode->try_incref(o);
        break;
    case RR_OP_UNIQUE:
        answer.value = mode->unique(o);
        break;
    case RR_OP_RC:
        answer.value = mode->count_get(o);
        break;
    case RR_OP_SETRC:
        mode->count_set(o, a);
        break;
    case RR_OP_CASRC:
        answer.value = mode->count_cas(o, a, b);
        break;
    case RR_OP_INCFETCH:
        answer.value = mode->count_add(o, 1);
        break;
    default:
        answer.value = mode->count_add(o, -1);
        break;
    }
    rr_mode_rest(mode, natives->domain);
    answer.ended_life = life_ended;
    return answer;
}
