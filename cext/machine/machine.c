/* machine.c -- sets the first state of a machine, and runs one branch of a thread. */
#include "machine/machine.h"

#include <string.h>

#include "machine/internal.h"
#include "machine/stops.h"
#include "machine/views.h"

/* ---- the first state ------------------------------------------------------------ */

/* What follows the run: first the mode settles, then the end block checks what has become
 * of everything. */
enum { END_TO_COME, END_SETTLES, END_RUNS };

static rr_progress
begin_end(rr_machine *m)
{
    const rr_program *p = m->program;
    for (int t = 0; t < p->n_threads; t++) {
        if (!rr_machine_has_ended(m, t) || rr_machine_can_drain(m, t)) {
            return RR_RAN;
        }
    }
    int end = p->n_threads;
    int32_t *begun = &m->w[m->layout.end_begun];
    int32_t *depth = &m->w[m->layout.threads[end].base + RR_THREAD_DEPTH];
    if (*depth > 0 || *begun == END_RUNS) {
        return RR_RAN;
    }
    if (m->is_weak) {
        int actor = m->actor;
        m->actor = end;
        rr_know_all(m);
        m->actor = actor;
    }
    if (*begun == END_TO_COME && rr_depart(m, end)) {
        *begun = END_SETTLES;
        return RR_RAN;
    }
    *begun = END_RUNS;
    *depth = p->has_end;
    return rr_settle(m, end);
}

rr_progress
rr_machine_begin(rr_machine *m)
{
    memset(m->w, 0, (size_t)m->layout.n_words * sizeof *m->w);
    m->kinds = 0;
    m->culprit = -1;
    m->at = NULL;
    m->at_thread = -1;
    m->has_new_ways = false;
    m->choice = m->n_picks = 0;
    m->clock = 0;
    if (m->is_weak) {
        rr_views_begin(&m->shape, rr_block_of(&m->shape, m->w));
    }
    rr_progress progress = rr_begin_state(m);
    if (m->is_weak) { /* what a thread does when it arrives is visible to all */
        rr_views_begin(&m->shape, rr_block_of(&m->shape, m->w));
    }
    for (int t = 0; t < m->program->n_threads && progress == RR_RAN; t++) {
        progress = rr_settle(m, t);
    }
    if (progress == RR_RAN && m->layout.end_begun >= 0) {
        progress = begin_end(m);
    }
    return progress;
}

/* ---- a branch ------------------------------------------------------------------- */

/* Is the instruction about to do an access that makes earlier writes visible? */
static bool
drains(const rr_machine *m, int thread, const rr_instr *in)
{
    switch (in->op) {
    case RR_OP_FENCE:
    case RR_OP_UNLOCK:
    case RR_OP_WAIT:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_STOP_END:
        return true;
    case RR_OP_DECREF: { /* at its first access */
        int32_t operation = m->layout.threads[thread].operation;
        return operation < 0 || m->w[operation] == 0;
    }
    default:
        return false;
    }
}

/* A decref that must wait for its lock drains nothing yet, so the findings of its drain
 * occur only once it can begin.  Counting reads nothing that a drain writes. */
static bool
would_wait(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    uint32_t kinds = m->kinds;
    int32_t culprit = m->culprit;
    rr_seen seen = m->seen;
    bool waits = in->op == RR_OP_DECREF &&
                 rr_count_step(m, thread, in, frame) == RR_WAITS;
    m->kinds = kinds;
    m->culprit = culprit;
    m->seen = seen;
    return waits;
}

static rr_progress
depart_step(rr_machine *m, int thread, int32_t *frame)
{
    static const rr_instr leave = {.op = RR_OP_LEAVE, .result = -1, .statement = -1};
    static const rr_instr collapse = {
        .op = RR_OP_COLLAPSE, .result = -1, .statement = -1};
    m->seen.instr = frame[RR_FRAME_PLACE] == RR_LEAVES ? &leave : &collapse;
    return rr_count_step(m, thread, m->seen.instr, frame);
}

/* A step that is no instruction of the program. */
static rr_progress
work_step(rr_machine *m, int thread, int32_t *frame)
{
    int32_t place = frame[RR_FRAME_PLACE];
    if (place == RR_COLLECTS) {
        return rr_go_on_collecting(m, thread, frame);
    }
    if (!rr_is_destruction(place)) {
        return depart_step(m, thread, frame);
    }
    int32_t object = frame[RR_FRAME_LOCALS];
    return rr_has_weak_reference(m, object) ? rr_clear_weak_step(m, thread, object)
                                            : rr_free_step(m, thread, object);
}

static rr_progress
thread_step(rr_machine *m, int thread, bool is_taken);

/* Would the thread's next step wait?  Under C11 that depends on what this thread may read. */
static bool
would_step_wait(rr_machine *m, int thread)
{
    rr_seen seen = m->seen;
    int actor = m->actor, n_picks = m->n_picks;
    const int n_options[] = {m->n_options[0], m->n_options[1]};
    size_t bytes = (size_t)m->layout.n_words * sizeof *m->w;
    memcpy(m->scratch, m->w, bytes);
    m->actor = thread;
    rr_progress progress = thread_step(m, thread, false);
    memcpy(m->w, m->scratch, bytes);
    m->actor = actor;
    m->n_picks = n_picks;
    memcpy(m->n_options, n_options, sizeof m->n_options);
    m->seen = seen;
    return progress == RR_WAITS;
}

/* Has another thread stopped, so that it goes on only when the world does?  It is detached,
 * it waits in a way in which it detaches, or it is held back; and others see all that it
 * has written. */
static bool
has_stopped(rr_machine *m, int thread)
{
    if (rr_machine_has_detached(m, thread)) {
        return true;
    }
    if (rr_machine_can_drain(m, thread) || rr_is_inside_operation(m, thread)) {
        return false;
    }
    if (rr_machine_has_ended(m, thread) || !rr_can_stop_here(m, thread)) {
        return rr_machine_has_ended(m, thread);
    }
    bool waits = would_step_wait(m, thread);
    m->kinds = 0;
    m->culprit = -1;
    return waits;
}

/* The thread that has asked for a stop waits until all others have stopped. */
static bool
have_all_stopped(rr_machine *m, int thread)
{
    for (int t = 0; t < m->program->n_threads; t++) {
        if (t != thread && !has_stopped(m, t)) {
            m->waits_on = m->layout.threads[t].base;
            return false;
        }
    }
    return true;
}

static rr_progress
thread_step(rr_machine *m, int thread, bool is_taken)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    m->keeps_gil = false;
    if (depth == 0) {
        return RR_NOTHING;
    }
    int32_t *frame = m->w + rr_frame_of(&m->layout, thread, depth - 1);
    if (rr_is_world_stopped(m) && rr_is_held_back(m, thread)) {
        return is_taken ? RR_NOTHING : rr_wait_for_world(m);
    }
    if (rr_is_section_due(m, thread)) {
        return is_taken ? RR_NOTHING : rr_section_due(m, thread);
    }
    if (frame[RR_FRAME_PLACE] < 0) {
        if (is_taken) {
            return RR_NOTHING;
        }
        if (rr_is_held_back(m, thread)) {
            return rr_give_way(m, thread);
        }
        if (rr_is_stopping(m, thread) && !have_all_stopped(m, thread)) {
            return RR_WAITS;
        }
        return work_step(m, thread, frame);
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, frame[RR_FRAME_PLACE]);
    m->seen.instr = m->at = in;
    if (is_taken) {
        if (in->op != RR_OP_MAYBE) {
            return RR_NOTHING;
        }
        m->seen.begins = m->seen.completes = true;
        frame[RR_FRAME_PLACE]++;
        return rr_call(m, thread, in->p[0], 0, 0);
    }
    if (rr_is_held_back(m, thread)) {
        return rr_give_way(m, thread);
    }
    if (rr_begins_stop(in->op) && rr_is_stopping(m, thread) &&
        !have_all_stopped(m, thread)) {
        return RR_WAITS;
    }
    m->at = in;
    if (m->layout.threads[thread].buffer >= 0 && drains(m, thread, in)) {
        rr_progress progress = rr_drain(m, thread, true);
        if (progress != RR_RAN) {
            return would_wait(m, thread, in, frame) ? RR_WAITS : progress;
        }
    }
    rr_progress progress = rr_has_hook(m, in->op) || rr_is_count_op(in->op)
                               ? rr_count_step(m, thread, in, frame)
                               : rr_plain_step(m, thread, in, frame);
    if (progress == RR_WAITS) {
        return rr_wait_in_section(m, thread, in, frame);
    }
    if (progress == RR_RAN) {
        rr_go_on_in_section(m, thread, in);
    }
    return progress;
}

/* A waiting thread has released the GIL, unless it waits natively.  When a thread that
 * needs no GIL ends the wait, any thread may take the GIL first.  A thread that needs it
 * and takes a step takes it anyway. */
static void
let_go_of_gil(rr_machine *m)
{
    int32_t holder = m->w[m->layout.holder] - 1;
    if (holder < 0) {
        return;
    }
    if (would_step_wait(m, holder) && !m->keeps_gil) {
        m->w[m->layout.holder] = 0;
    }
}

static void
pass_gil(rr_machine *m, int thread)
{
    int op = m->seen.instr == NULL ? -1 : (int)m->seen.instr->op;
    bool is_detached = op != RR_OP_ATTACH && rr_machine_has_detached(m, thread);
    m->w[m->layout.holder] =
        op == RR_OP_GIL || is_detached || rr_machine_has_ended(m, thread) ? 0 : thread + 1;
}

/* Under C11: what the interpreter's GIL orders, before and after a step that needs it. */
static void
order_gil(rr_machine *m, bool is_taken)
{
    if (m->is_weak) {
        int32_t sync = m->shape.sync_of[m->layout.holder];
        (void)rr_synchronise(m, sync, is_taken, !is_taken, false);
    }
}

/* Who is stopped is detached, and holds no block of old items. */
static rr_progress
pass_quiescence_of_stopped(rr_machine *m, int thread)
{
    const rr_instr *in = m->seen.instr;
    rr_progress progress = RR_RAN;
    if (in == NULL || !rr_begins_stop(in->op) || m->seen.begins || !m->seen.completes) {
        return progress;
    }
    for (int t = 0; t < m->layout.n_threads && progress == RR_RAN; t++) {
        if (t != thread) {
            progress = rr_pass_quiescence(m, t);
        }
    }
    return progress;
}

static rr_progress
step(rr_machine *m, int thread, rr_branch branch);

rr_progress
rr_machine_step(rr_machine *m, int thread, rr_branch branch)
{
    m->actor = thread;
    m->n_picks = 0;
    m->n_options[0] = m->n_options[1] = 1;
    rr_progress progress = step(m, thread, branch);
    if (m->has_new_ways) {
        m->has_new_ways = false;
        return rr_needs_more(m, RR_GROW_WAYS);
    }
    return progress;
}

static rr_progress
step(rr_machine *m, int thread, rr_branch branch)
{
    bool is_beside = m->gil_held && rr_machine_runs_beside(m, thread);
    if (is_beside) {
        let_go_of_gil(m);
    }
    m->kinds = 0;
    m->culprit = -1;
    m->seen = (rr_seen){.object = -1, .rival = -1, .follows = -1};
    m->at = NULL;
    m->at_thread = thread;
    m->passes_quiescence = false;
    rr_progress progress;
    if (branch == RR_DRAIN) {
        m->seen.begins = m->seen.completes = true;
        progress = rr_machine_can_drain(m, thread) ? rr_drain(m, thread, false)
                                                   : RR_NOTHING;
    }
    else {
        if (m->gil_held && !is_beside) {
            order_gil(m, true);
        }
        progress = branch == RR_INTERRUPT
                       ? rr_interrupt_thread(m, thread, m->choice)
                       : thread_step(m, thread, branch == RR_TAKEN);
        if (progress == RR_RAN && !rr_is_inside_operation(m, thread)) {
            progress = rr_settle(m, thread);
        }
        if (m->gil_held && !is_beside && progress == RR_RAN) {
            order_gil(m, false);
            pass_gil(m, thread);
        }
    }
    if (progress == RR_RAN && m->layout.delays_frees) {
        progress = pass_quiescence_of_stopped(m, thread);
    }
    if (progress == RR_RAN && m->layout.delays_frees &&
        (m->passes_quiescence || rr_machine_has_detached(m, thread) ||
         rr_machine_has_ended(m, thread))) {
        progress = rr_pass_quiescence(m, thread);
    }
    if (progress == RR_RAN && m->layout.end_begun >= 0) {
        progress = begin_end(m);
    }
    return progress;
}
