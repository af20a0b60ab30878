/* attempt.c -- an operation of the mode, run natively with those at the same object. */
#include <stdatomic.h>

#include "base/rr_clock.h"
#include "contest/inside.h"

/* How long an operation waits for company, in turns of an idle loop: about as long as
 * a thread needs to come to the same object through the lock. */
enum { COMPANY_TURNS = 400 };

/* Longest head start, in turns of an empty loop, that the one who waited gets. */
enum { JITTER_TURNS = 256 };

/* ---- the scene: natives, as the machine has them, and back ---------------------------- */

static void
set(rr_round *r, int object)
{
    rr_kept *kept = &r->scene.objects[object];
    *kept = rr_kept_in_model(r->m, object);
    rr_natives_set(r->natives, object, kept);
}

/* All objects but that of the bout, as a hook finds them: of a queue what was pushed last
 * before the rest, and of lanes the object with the smallest number. */
static void
set_others(rr_round *r, int object)
{
    int32_t place = 0;
    for (int i = 0; i < r->scene.n_objects; i++) {
        int32_t of_this = rr_place_in_queue(r->m, i);
        place = of_this > place ? of_this : place;
    }
    for (; place >= 0; place--) {
        for (int i = r->scene.n_objects - 1; i >= 0; i--) {
            if (i != object && rr_place_in_queue(r->m, i) == place) {
                set(r, i);
            }
        }
    }
}

/* pre: nobody else is elsewhere if it is a hook.  A second hook finds the scene laid. */
static void
set_scene(rr_round *r, const rr_bout *bout, bool is_hook)
{
    if (bout->n == 0 && bout->object >= 0) {
        set(r, bout->object);
    }
    if (is_hook && r->n_hooks == 0) {
        set_others(r, bout->object);
        if (bout->object >= 0) {
            rr_natives_put_first(r->natives, bout->object);
        }
    }
    if (r->n_in_bouts == 0) {
        rr_kept_by_threads kept = rr_kept_by_threads_in_model(r->m);
        rr_natives_set_threads(r->natives, &kept);
    }
}

/* What has not changed natively is what the machine has now: objects have been made
 * meanwhile. */
static void
take_other(rr_round *r, int object)
{
    rr_kept *kept = &r->scene.objects[object], before = *kept;
    rr_natives_take(r->natives, object, kept);
    if (rr_kept_is_same(kept, &before)) {
        *kept = rr_kept_in_model(r->m, object);
    }
}

static void
take_scene(rr_round *r, const rr_bout *bout)
{
    for (int i = 0; i < r->scene.n_objects && rr_count_hooks(bout) > 0; i++) {
        if (i != bout->object) {
            take_other(r, i);
        }
    }
    if (bout->object >= 0) {
        rr_natives_take(r->natives, bout->object, &r->scene.objects[bout->object]);
    }
    rr_natives_read_threads(r->natives, &r->scene.threads);
}

/* ---- a bout --------------------------------------------------------------------------- */

/* A hook is company, and not counted itself; what comes after the run meets nobody. */
static void
count_attempt(rr_round *r, rr_bout *bout, int attempt)
{
    int thread = bout->attempts[attempt].thread;
    bool is_operation = !rr_op_is_hook(bout->attempts[attempt].op);
    bool is_in_run = thread < r->m->program->n_threads;
    r->n_operations += is_operation;
    r->n_met += is_operation && rr_has_met(bout, attempt);
    bout->n_operations += is_operation && is_in_run;
    bout->threads |= is_in_run ? UINT64_C(1) << thread : 0;
}

static void
judge(rr_round *r, rr_bout *bout)
{
    take_scene(r, bout);
    if (!rr_round_is_over(r)) {
        rr_explanation explanation = rr_explain(&r->explainer, r->m, bout, &r->scene);
        switch (explanation) {
        case RR_EXPLAINED:
        case RR_FOUND:
            for (int i = 0; i < r->explainer.n_codes; i++) {
                rr_round_note_step(r, r->explainer.codes[i]);
            }
            if (explanation == RR_FOUND) {
                rr_round_end_with(r, r->m->kinds);
            }
            break;
        case RR_AMBIGUOUS:
            rr_round_end(r, RR_ROUND_UNDECIDED);
            break;
        case RR_UNEXPLAINED:
            rr_round_end(r, RR_ROUND_DISPUTED);
            break;
        case RR_CANNOT:
            rr_round_stopped_by(r, r->explainer.progress, bout->attempts[0].thread, -1);
            break;
        }
    }
    for (int i = 0; i < bout->n; i++) {
        count_attempt(r, bout, i);
        r->n_upgrades -= bout->attempts[i].op == RR_OP_UPGRADE;
    }
    r->n_in_bouts -= bout->n;
    r->n_hooks -= rr_count_hooks(bout);
    bout->n = 0;
    bout->is_closing = false;
    atomic_store_explicit(&bout->n_ready, 0, memory_order_relaxed);
    atomic_store_explicit(&bout->done, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&bout->n_judged, 1, memory_order_release);
}

/* A thread that comes alone lets another the time to come too.  Both have read the
 * count by then: the cache line is in both cores, so neither's first access is late. */
static void
wait_for_company(rr_round *r, rr_bout *bout, rr_rng *rng)
{
    int turns = (int)(rr_rng_next(rng) % COMPANY_TURNS);
    int jitter = (int)(rr_rng_next(rng) % JITTER_TURNS);
    if (bout->object >= 0) {
        rr_natives_touch(r->natives, bout->object);
    }
    bool is_first = atomic_fetch_add_explicit(&bout->n_ready, 1, memory_order_acq_rel) == 0;
    while (is_first && turns-- > 0 &&
           atomic_load_explicit(&bout->n_ready, memory_order_acquire) == 1) {
        rr_relax();
    }
    /* Who comes last knows it first. */
    while (!is_first && jitter-- > 0) {
        atomic_signal_fence(memory_order_seq_cst);
    }
}

/* A hook changes what operations at other objects look at (whether its thread's queue is
 * closed, and what is in it), so nobody is at another object meanwhile; whoever has to
 * wait for that wishes that nobody else begins. */
static bool
may_begin(rr_round *r, int thread, const rr_bout *bout, bool is_hook)
{
    uint64_t me = UINT64_C(1) << thread;
    bool has_wished = (r->wants_alone & me) != 0;
    int elsewhere = r->n_in_bouts - bout->n;
    if (bout->is_closing || bout->n == RR_MAX_AT_ONCE) {
        return false;
    }
    if (!is_hook) {
        return r->wants_alone == 0 && (r->n_hooks == 0 || elsewhere == 0);
    }
    if (r->wants_alone != 0 && !has_wished) {
        return false;
    }
    r->wants_alone = elsewhere > 0 ? r->wants_alone | me : r->wants_alone & ~me;
    return elsewhere == 0;
}

rr_move
rr_round_attempt(rr_round *r, int thread, const rr_next *next, rr_rng *rng)
{
    bool is_hook = next->kind == RR_NEXT_HOOK;
    int at = next->object >= 0 ? next->object : r->m->layout.n_objects;
    rr_bout *bout = &r->bouts[at];
    if (!may_begin(r, thread, bout, is_hook)) {
        return RR_MOVE_WAITS;
    }
    set_scene(r, bout, is_hook);
    uint32_t bit = UINT32_C(1) << bout->n;
    rr_attempt *mine = &bout->attempts[bout->n++];
    *mine = (rr_attempt){.thread = thread, .op = next->op};
    bout->n_open++;
    r->n_in_bouts++;
    r->n_hooks += is_hook;
    r->n_upgrades += next->op == RR_OP_UPGRADE;
    int64_t number = atomic_load_explicit(&bout->n_judged, memory_order_relaxed);
    int n_threads = r->m->program->n_threads;
    rr_round_unlock(r);

    /* What comes after the run is alone. */
    if (!r->gil_held && n_threads > 1 && thread < n_threads) {
        wait_for_company(r, bout, rng);
    }
    /* Outside of the lock, so that the time with the lock does not count. */
    mine->after = atomic_load_explicit(&bout->done, memory_order_acquire);
    rr_native_answer answer = rr_natives_run(
        r->natives, &(const rr_native_call){.thread = thread, .object = next->object,
                                            .op = next->op, .a = next->a,
                                            .b = next->b});
    atomic_fetch_or_explicit(&bout->done, bit, memory_order_release);

    rr_round_lock(r);
    mine->answer = answer;
    bout->is_closing = true;
    if (--bout->n_open == 0) {
        judge(r, bout);
        return RR_MOVED;
    }
    rr_round_unlock(r);
    for (int turn = 0;
         atomic_load_explicit(&bout->n_judged, memory_order_acquire) == number; turn++) {
        rr_round_pause_once(turn);
    }
    rr_round_lock(r);
    return RR_MOVED;
}
