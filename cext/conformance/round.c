/* round.c -- what may run at the same time, and what follows from it. */
#include "conformance/round.h"

#include <stdatomic.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "conformance/internal.h"

int
rr_round_open(const rr_program *program, int mode, bool gil_held,
              const int32_t capacity[RR_N_CAPACITIES], int64_t most_steps,
              const uint64_t *gap_seed, rr_round *out)
{
    rr_round *r = out;
    memset(r, 0, sizeof *r);
    r->gil_held = gil_held;
    r->is_widened = gap_seed != NULL;
    r->most_steps = most_steps;
    int status = rr_machine_open(program, mode, gil_held, -1, capacity, &r->m);
    if (status == RR_OK) {
        status =
            rr_native_objects_open(mode, r->m->layout.n_objects, r->m->layout.n_threads,
                                   gap_seed, &r->native_objects);
    }
    if (status == RR_OK) {
        status = rr_linearizer_open(r->m, &r->linearizer);
    }
    if (status == RR_OK) {
        r->before = rr_alloc((size_t)r->m->layout.n_words, sizeof *r->before);
        r->batches = rr_alloc((size_t)r->m->layout.n_objects + 1, sizeof *r->batches);
        r->snapshot.n_objects = r->m->layout.n_objects;
        r->snapshot.objects =
            rr_alloc((size_t)r->m->layout.n_objects, sizeof *r->snapshot.objects);
        status = r->before == NULL || r->batches == NULL || r->snapshot.objects == NULL
                     ? RR_ENOMEM
                     : RR_OK;
    }
    if (status != RR_OK) {
        rr_round_close(r);
        return status;
    }
    for (int i = 0; i < r->m->layout.n_objects; i++) {
        r->batches[i].object = i;
    }
    r->batches[r->m->layout.n_objects].object = -1;
    return RR_OK;
}

void
rr_round_close(rr_round *round)
{
    rr_machine_close(round->m);
    rr_native_objects_close(round->native_objects);
    rr_linearizer_close(&round->linearizer);
    rr_free(round->before);
    rr_free(round->batches);
    rr_free(round->snapshot.objects);
    memset(round, 0, sizeof *round);
}

/* ---- steps of the machine --------------------------------------------------------- */

static void
restore(rr_round *r)
{
    memcpy(r->m->w, r->before, (size_t)r->m->layout.n_words * sizeof *r->before);
}

/* The machine runs one branch.  False if it has to wait. */
static bool
take(rr_round *r, int thread, rr_branch branch, int choice)
{
    memcpy(r->before, r->m->w, (size_t)r->m->layout.n_words * sizeof *r->before);
    r->m->choice = choice;
    rr_progress progress = rr_machine_step(r->m, thread, branch);
    r->keeps_gil[thread] = progress == RR_WAITS && r->m->keeps_gil;
    if (progress == RR_WAITS || progress == RR_NOTHING) {
        restore(r);
        return false;
    }
    int32_t code = rr_code_of(thread, (int)branch, choice);
    if (progress == RR_MISUSED || progress == RR_GROW) {
        rr_round_stopped_by(r, progress, thread, code);
        return true;
    }
    rr_round_note_step(r, code);
    if (progress == RR_ENDED) {
        rr_round_end_with(r, r->m->kinds);
    }
    return true;
}

static bool
step(rr_round *r, int thread, rr_branch branch)
{
    return take(r, thread, branch, 0);
}

/* Can any thread take a step?  Where none can, the run of the model is over, and an
 * interrupt that has not come does not come. */
static bool
is_anyone_enabled(rr_round *r)
{
    int holder = r->gil_held ? r->m->w[r->m->layout.holder] - 1 : -1;
    bool is_kept = holder >= 0 && holder < r->m->program->n_threads && r->keeps_gil[holder];
    bool is_enabled = r->n_in_batches > 0;
    for (int t = 0; t < r->m->program->n_threads && !is_enabled; t++) {
        if (is_kept && t != holder && !rr_machine_runs_beside(r->m, t)) {
            continue;
        }
        is_enabled = rr_machine_can_drain(r->m, t);
        if (!is_enabled) {
            memcpy(r->before, r->m->w,
                   (size_t)r->m->layout.n_words * sizeof *r->before);
            rr_progress progress = rr_machine_step(r->m, t, RR_STEP);
            is_enabled = progress != RR_WAITS && progress != RR_NOTHING;
            restore(r);
        }
    }
    return is_enabled;
}

/* Lets an interrupt come, in one of four moves at random where one may. */
static bool
interrupts(rr_round *r, int thread, uint64_t chance)
{
    int n = r->m->layout.threads[thread].n_interrupts;
    if (n == 0 || chance % 4 != 0) {
        return false;
    }
    int nth = (int)((chance >> 2) % (uint64_t)n);
    return rr_machine_can_interrupt(r->m, thread, nth) && is_anyone_enabled(r) &&
           take(r, thread, RR_INTERRUPT, nth);
}

/* A thread with a write in its buffer; -1: none. */
static int
drainable(const rr_round *r, rr_rng *rng)
{
    int n = r->m->program->n_threads;
    int first = (int)(rr_rng_next(rng) % (uint64_t)n);
    for (int i = 0; i < n; i++) {
        int thread = (first + i) % n;
        if (rr_machine_can_drain(r->m, thread)) {
            return thread;
        }
    }
    return -1;
}

/* Some threads have ended or wait; if all have, nothing can happen any more. */
static rr_move
wait_for_others(rr_round *r, int thread, rr_rng *rng)
{
    int64_t now = atomic_load_explicit(&r->n_steps, memory_order_relaxed);
    r->waited_at[thread] = now;
    for (int t = 0; t < r->m->layout.n_threads; t++) {
        if (!rr_machine_has_ended(r->m, t) && r->waited_at[t] != now) {
            return RR_MOVE_WAITS;
        }
    }
    int other = drainable(r, rng);
    if (other >= 0) {
        (void)step(r, other, RR_DRAIN);
        return RR_MOVED;
    }
    rr_round_end_with(r, rr_machine_judge(r->m));
    return RR_MOVE_ENDS;
}

/* ---- a thread's move -------------------------------------------------------------- */

/* Steps of the machine alone, to the end of the operation if it has several.  Its
 *       counting lock is free, since no thread is in a batch. */
static rr_move
step_alone(rr_round *r, int thread, rr_rng *rng)
{
    if (r->n_in_batches > 0) {
        r->wants_alone |= UINT64_C(1) << thread;
        return RR_MOVE_WAITS;
    }
    r->wants_alone &= ~(UINT64_C(1) << thread);
    do {
        if (!step(r, thread, RR_STEP)) {
            return wait_for_others(r, thread, rng);
        }
    } while (!rr_round_is_over(r) && !r->m->seen.completes);
    return RR_MOVED;
}

/* Runs the mode's code, for an operation, for the thread or for the end. */
static rr_move
run_natively(rr_round *r, int thread, rr_next *next, rr_rng *rng)
{
    if (next->op == RR_OP_DECREF && rr_machine_can_drain(r->m, thread)) {
        /* Its first access drains the buffer.  A finding of that drain would end the
         * round before the access, which native code does anyway. */
        (void)step(r, thread, RR_DRAIN);
        return RR_MOVED;
    }
    if (next->kind == RR_NEXT_HOOK &&
        !rr_round_place_hook(r, thread, &next->object, rng)) {
        return step_alone(r, thread, rng);
    }
    return rr_round_operate(r, thread, next, rng);
}

/* The first thread that gets here does the work after the run. */
static rr_move
move_on_end(rr_round *r, int thread, rr_rng *rng)
{
    int end = r->m->program->n_threads;
    if (r->m->layout.n_threads == end || rr_machine_has_ended(r->m, end)) {
        return wait_for_others(r, thread, rng);
    }
    if (r->n_in_batches > 0) {
        return RR_MOVE_WAITS;
    }
    rr_next next = rr_machine_next(r->m, end);
    return next.kind == RR_NEXT_COUNT || next.kind == RR_NEXT_HOOK
               ? run_natively(r, end, &next, rng)
               : step_alone(r, end, rng);
}

static rr_move
move(rr_round *r, int thread, rr_rng *rng)
{
    if (r->gil_held) {
        int holder = r->m->w[r->m->layout.holder] - 1;
        int64_t now = atomic_load_explicit(&r->n_steps, memory_order_relaxed);
        /* The checks after the run belong to no thread, so any thread may run them. */
        bool is_other = holder >= 0 && holder != thread &&
                        holder < r->m->program->n_threads &&
                        !rr_machine_runs_beside(r->m, thread);
        if (is_other && r->waited_at[holder] != now) {
            return RR_MOVE_WAITS;
        }
        if (r->n_with_gil > 0 && !rr_machine_runs_beside(r->m, thread)) {
            return RR_MOVE_WAITS;
        }
        if (is_other && r->keeps_gil[holder]) {
            return r->n_in_batches > 0 ? RR_MOVE_WAITS
                                       : wait_for_others(r, thread, rng);
        }
    }
    uint64_t chance = rr_rng_next(rng);
    if (rr_machine_can_drain(r->m, thread) && chance % 4 == 0) {
        (void)step(r, thread, RR_DRAIN);
        return RR_MOVED;
    }
    if (interrupts(r, thread, chance >> 40)) {
        return RR_MOVED;
    }
    rr_next next = rr_machine_next(r->m, thread);
    if (next.kind != RR_NEXT_EXCLUSIVE && next.kind != RR_NEXT_HOOK) {
        /* Steps of others may have changed the step that it wanted to be alone for.  A
         * request that outlives its step would block all threads for good. */
        r->wants_alone &= ~(UINT64_C(1) << thread);
    }
    bool is_taken = false;
    switch (next.kind) {
    case RR_NEXT_END:
        return move_on_end(r, thread, rng);
    case RR_NEXT_COUNT:
    case RR_NEXT_HOOK:
        return run_natively(r, thread, &next, rng);
    case RR_NEXT_EXCLUSIVE:
        return step_alone(r, thread, rng);
    case RR_NEXT_PLACE:
        /* An upgrade in progress has already read its place. */
        if (r->n_upgrades > 0) {
            return RR_MOVE_WAITS;
        }
        break;
    case RR_NEXT_PLAIN:
        is_taken = next.op == RR_OP_MAYBE && (chance >> 32) % 2 == 0;
        break;
    }
    if (step(r, thread, is_taken ? RR_TAKEN : RR_STEP)) {
        return RR_MOVED;
    }
    /* While operations are in progress, other threads have not ended. */
    return r->n_in_batches > 0 ? RR_MOVE_WAITS : wait_for_others(r, thread, rng);
}

static void
note_move(rr_round *r, int thread, rr_move made)
{
    if (made == RR_MOVED) {
        r->pauses.n_moves[thread]++;
        r->pauses.n_in_a_row = r->pauses.mover == thread ? r->pauses.n_in_a_row + 1 : 0;
        r->pauses.mover = thread;
    } else {
        r->vain_at[thread] = atomic_load_explicit(&r->n_steps, memory_order_relaxed);
    }
}

rr_move
rr_round_move(rr_round *round, int thread, rr_rng *rng)
{
    if (rr_round_is_over(round)) {
        return RR_MOVE_ENDS;
    }
    /* Only the thread itself writes waited_at.  Before another step there is nothing new
     * to check. */
    if (round->waited_at[thread] ==
        atomic_load_explicit(&round->n_steps, memory_order_relaxed)) {
        return RR_MOVE_WAITS;
    }
    rr_round_lock(round);
    rr_move made = RR_MOVE_ENDS;
    if (!rr_round_is_over(round)) {
        made = rr_round_pauses(round, thread) ? RR_MOVE_WAITS : move(round, thread, rng);
        note_move(round, thread, made);
        /* Read under the lock: a detached thread may move at the same time. */
        if (made == RR_MOVED && round->gil_held &&
            round->m->w[round->m->layout.holder] == 0) {
            made = RR_MOVED_OFF_GIL;
        }
    }
    rr_round_unlock(round);
    return made;
}

int64_t
rr_round_n_shared(const rr_round *round)
{
    int64_t n = 0;
    for (int i = 0; i < round->m->layout.n_objects; i++) {
        const rr_batch *batch = &round->batches[i];
        bool is_shared = (batch->threads & (batch->threads - 1)) != 0;
        n += is_shared ? batch->n_operations : 0;
    }
    return n;
}

void
rr_round_begin(rr_round *round)
{
    rr_round *r = round;
    r->kinds = 0;
    r->thread = 0;
    r->n_in_batches = r->n_upgrades = r->n_hooks = r->n_with_gil = 0;
    r->wants_alone = r->seeking = 0;
    r->pauses = (rr_pauses){.paused = 0};
    r->n_operations = r->n_met = 0;
    for (int i = 0; i <= r->m->layout.n_objects; i++) {
        r->batches[i].n_operations = 0;
        r->batches[i].threads = 0;
    }
    atomic_store_explicit(&r->n_steps, 0, memory_order_relaxed);
    atomic_store_explicit(&r->state, RR_ROUND_RUNS, memory_order_relaxed);
    for (int t = 0; t <= RR_MAX_PROGRAM_THREADS; t++) {
        r->waited_at[t] = -1;
    }
    for (int t = 0; t < RR_MAX_PROGRAM_THREADS; t++) {
        r->vain_at[t] = -1;
    }
    rr_progress progress = rr_machine_begin(r->m);
    if (progress == RR_ENDED) {
        rr_round_end_with(r, r->m->kinds);
    } else if (progress != RR_RAN) {
        rr_round_stopped_by(r, progress, 0, -1);
    }
}
