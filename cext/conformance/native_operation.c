/* native_operation.c -- runs an operation of the mode natively, overlapping with others
 * on the same object. */
#include <stdatomic.h>

#include "base/rr_clock.h"
#include "conformance/internal.h"

/* How long an operation waits for company, in turns of an idle loop: about as long as a
 * thread needs to reach the same object through the lock. */
enum { COMPANY_TURNS = 400 };

/* The longest head start of the thread that has waited, in turns of an empty loop. */
enum { JITTER_TURNS = 256 };

/* Turns of an idle loop between two checks whether another may come.  After IDLE_LOOKS
 * checks the thread yields the core, and after twice as many it sleeps. */
enum { LOOK_TURNS = 32, IDLE_LOOKS = 16, NAP_NS = 20000 };

/* ---- the snapshot: from the machine to the native objects, and back --------------- */

static void
set(rr_round *r, int object)
{
    rr_mode_state *kept = &r->snapshot.objects[object];
    *kept = rr_mode_state_in_model(r->m, object);
    rr_native_objects_set(r->native_objects, object, kept);
}

/* Sets all objects except the batch's, in the order in which a hook must find them: in a
 * queue the last pushed first, and with lanes the object with the smallest number
 * first. */
static void
set_others(rr_round *r, int object)
{
    int32_t place = 0;
    for (int i = 0; i < r->snapshot.n_objects; i++) {
        int32_t of_this = rr_place_in_queue(r->m, i);
        place = of_this > place ? of_this : place;
    }
    for (; place >= 0; place--) {
        for (int i = r->snapshot.n_objects - 1; i >= 0; i--) {
            if (i != object && rr_place_in_queue(r->m, i) == place) {
                set(r, i);
            }
        }
    }
}

/* pre: for a hook, no other thread is in another batch.  A second hook finds the objects
 * already set. */
static void
set_snapshot(rr_round *r, const rr_batch *batch, bool is_hook)
{
    if (batch->n == 0 && batch->object >= 0) {
        set(r, batch->object);
    }
    if (is_hook && r->n_hooks == 0) {
        set_others(r, batch->object);
        if (batch->object >= 0) {
            rr_native_objects_put_first(r->native_objects, batch->object);
        }
    }
    if (r->n_in_batches == 0) {
        rr_threads_state kept = rr_threads_state_in_model(r->m);
        rr_native_objects_set_threads(r->native_objects, &kept);
    }
}

/* If nothing changed natively, the machine's present state counts, since objects may have
 * been made meanwhile. */
static void
take_other(rr_round *r, int object)
{
    rr_mode_state *kept = &r->snapshot.objects[object], before = *kept;
    rr_native_objects_take(r->native_objects, object, kept);
    if (rr_mode_state_is_same(kept, &before)) {
        *kept = rr_mode_state_in_model(r->m, object);
    }
}

static void
take_snapshot(rr_round *r, const rr_batch *batch)
{
    for (int i = 0; i < r->snapshot.n_objects && rr_count_hooks(batch) > 0; i++) {
        if (i != batch->object) {
            take_other(r, i);
        }
    }
    if (batch->object >= 0) {
        rr_native_objects_take(r->native_objects, batch->object,
                               &r->snapshot.objects[batch->object]);
    }
    rr_native_objects_read_threads(r->native_objects, &r->snapshot.threads);
}

/* ---- a batch ---------------------------------------------------------------------- */

/* A hook counts as company, not as an operation.  After the run nothing overlaps. */
static void
count_operation(rr_round *r, rr_batch *batch, int which)
{
    int thread = batch->operations[which].thread;
    bool is_operation = !rr_op_is_hook(batch->operations[which].op);
    bool is_in_run = thread < r->m->program->n_threads;
    r->n_operations += is_operation;
    r->n_met += is_operation && rr_has_met(batch, which);
    batch->n_operations += is_operation && is_in_run;
    batch->threads |= is_in_run ? UINT64_C(1) << thread : 0;
}

static void
judge(rr_round *r, rr_batch *batch)
{
    take_snapshot(r, batch);
    if (!rr_round_is_over(r)) {
        rr_linearization explanation =
            rr_linearize(&r->linearizer, r->m, batch, &r->snapshot);
        switch (explanation) {
        case RR_LINEARIZED:
        case RR_FOUND:
            for (int i = 0; i < r->linearizer.n_codes; i++) {
                rr_round_note_step(r, r->linearizer.codes[i]);
            }
            if (explanation == RR_FOUND) {
                rr_round_end_with(r, r->m->kinds);
            }
            break;
        case RR_AMBIGUOUS:
            rr_round_end(r, RR_ROUND_UNDECIDED);
            break;
        case RR_NOT_LINEARIZED:
            rr_round_end(r, RR_ROUND_DISPUTED);
            break;
        case RR_CANNOT:
            rr_round_stopped_by(r, r->linearizer.progress, batch->operations[0].thread,
                                -1);
            break;
        }
    }
    for (int i = 0; i < batch->n; i++) {
        count_operation(r, batch, i);
        r->n_upgrades -= batch->operations[i].op == RR_OP_UPGRADE;
        r->n_with_gil -= batch->operations[i].has_gil;
    }
    r->n_in_batches -= batch->n;
    r->n_hooks -= rr_count_hooks(batch);
    batch->n = 0;
    batch->is_closing = false;
    atomic_store_explicit(&batch->n_ready, 0, memory_order_relaxed);
    atomic_store_explicit(&batch->n_begun, 0, memory_order_relaxed);
    atomic_store_explicit(&batch->done, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&batch->n_judged, 1, memory_order_release);
}

static bool
is_stopped(const rr_round *r)
{
    return r->stopped != NULL && atomic_load_explicit(r->stopped, memory_order_relaxed);
}

/* True three times out of four, so that others can also reach places that they could not
 * reach otherwise. */
static bool
is_to_wait(const rr_round *r, rr_rng *rng)
{
    return r->is_widened && r->pauses.plan.has_company && rr_rng_next(rng) % 4 != 0;
}

/* A thread that comes alone gives another one time to come too.  Both have then read the
 * count, so the cache line is in both cores and neither's first access is late. */
static void
wait_for_company(rr_round *r, rr_batch *batch, rr_rng *rng)
{
    int turns = (int)(rr_rng_next(rng) % COMPANY_TURNS);
    int jitter = (int)(rr_rng_next(rng) % JITTER_TURNS);
    if (batch->object >= 0) {
        rr_native_objects_touch(r->native_objects, batch->object);
    }
    bool is_first =
        atomic_fetch_add_explicit(&batch->n_ready, 1, memory_order_acq_rel) == 0;
    while (is_first && turns-- > 0 &&
           atomic_load_explicit(&batch->n_ready, memory_order_acquire) == 1) {
        rr_relax();
    }
    /* The thread that comes last knows it first. */
    while (!is_first && jitter-- > 0) {
        atomic_signal_fence(memory_order_seq_cst);
    }
}

/* In a widened round a thread may wait as long as another can come.  It first spins, for
 * one that is about to come, and then yields its core, for one that needs it. */
static void
wait_for_meeting(rr_round *r, int thread, rr_batch *batch)
{
    bool may_come = true;
    (void)atomic_fetch_add_explicit(&batch->n_ready, 1, memory_order_acq_rel);
    for (int turn = 1; may_come && !is_stopped(r) &&
                       atomic_load_explicit(&batch->n_ready, memory_order_acquire) == 1;
         turn++) {
        if (turn % LOOK_TURNS != 0) {
            rr_relax();
            continue;
        }
        if (turn / LOOK_TURNS > 2 * IDLE_LOOKS) {
            rr_doze(NAP_NS);
        } else if (turn / LOOK_TURNS > IDLE_LOOKS) {
            rr_yield();
        }
        rr_round_lock(r);
        may_come = rr_round_may_get_company(r, thread);
        rr_round_unlock(r);
    }
    rr_round_lock(r);
    r->seeking &= ~(UINT64_C(1) << thread);
    rr_round_unlock(r);
}

/* All that are ready begin.  None of them waits for another thread any more. */
static void
begin_together(rr_batch *batch)
{
    (void)atomic_fetch_add_explicit(&batch->n_begun, 1, memory_order_acq_rel);
    for (int turn = 0; atomic_load_explicit(&batch->n_begun, memory_order_acquire) <
                       atomic_load_explicit(&batch->n_ready, memory_order_acquire);
         turn++) {
        rr_round_pause_once(turn);
    }
}

/* A hook changes data that operations on other objects read (whether its thread's queue
 * is closed, and what is in it), so no thread uses another object meanwhile.  A thread
 * that has to wait for that asks that no other begins. */
static bool
may_begin(rr_round *r, int thread, const rr_batch *batch, bool is_hook)
{
    uint64_t me = UINT64_C(1) << thread;
    bool has_wished = (r->wants_alone & me) != 0;
    int elsewhere = r->n_in_batches - batch->n;
    if (batch->is_closing || batch->n == RR_MAX_AT_ONCE) {
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
rr_round_operate(rr_round *r, int thread, const rr_next *next, rr_rng *rng)
{
    bool is_hook = next->kind == RR_NEXT_HOOK;
    int at = next->object >= 0 ? next->object : r->m->layout.n_objects;
    rr_batch *batch = &r->batches[at];
    if (!may_begin(r, thread, batch, is_hook)) {
        return RR_MOVE_WAITS;
    }
    set_snapshot(r, batch, is_hook);
    uint32_t bit = UINT32_C(1) << batch->n;
    rr_native_operation *mine = &batch->operations[batch->n++];
    *mine = (rr_native_operation){
        .thread = thread,
        .op = next->op,
        .has_gil = r->gil_held && !rr_machine_runs_beside(r->m, thread),
    };
    r->n_with_gil += mine->has_gil;
    batch->n_open++;
    r->n_in_batches++;
    r->n_hooks += is_hook;
    r->n_upgrades += next->op == RR_OP_UPGRADE;
    int64_t number = atomic_load_explicit(&batch->n_judged, memory_order_relaxed);
    int n_threads = r->m->program->n_threads;
    /* A native thread keeps the interpreter's GIL, also where the program's thread is
     * detached: no other thread can come.  After the run there is none. */
    bool is_alone = r->gil_held || n_threads == 1 || thread >= n_threads;
    bool is_patient = !is_alone && batch->n == 1 && is_to_wait(r, rng);
    if (is_patient) {
        rr_round_seek(r, thread);
    }
    rr_round_unlock(r);

    if (is_patient) {
        wait_for_meeting(r, thread, batch);
    } else if (!is_alone) {
        wait_for_company(r, batch, rng);
    }
    /* Without the lock, so that holding the lock is not part of the time. */
    mine->after = atomic_load_explicit(&batch->done, memory_order_acquire);
    if (!is_alone && r->is_widened) {
        rr_native_objects_arrive(r->native_objects, thread);
        begin_together(batch);
    }
    rr_native_answer answer = rr_native_objects_run(
        r->native_objects, &(const rr_native_call){.thread = thread,
                                                   .object = next->object,
                                                   .op = next->op,
                                                   .a = next->a,
                                                   .b = next->b});
    atomic_fetch_or_explicit(&batch->done, bit, memory_order_release);

    rr_round_lock(r);
    mine->answer = answer;
    batch->is_closing = true;
    if (--batch->n_open == 0) {
        judge(r, batch);
        return RR_MOVED;
    }
    rr_round_unlock(r);
    for (int turn = 0;
         atomic_load_explicit(&batch->n_judged, memory_order_acquire) == number; turn++) {
        rr_round_pause_once(turn);
    }
    rr_round_lock(r);
    return RR_MOVED;
}
