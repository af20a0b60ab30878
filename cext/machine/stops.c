/* stops.c -- stop-the-world: who has asked for it, and which threads go no further.
 *
 * A state has two words for it: the thread that has asked, and how far it is (how many
 * frames it had then, and whether the world is stopped).  With the GIL held there are
 * none.
 */
#include "machine/internal.h"
#include "machine/stops.h"

enum { IS_STOPPED = 1, ONE_FRAME = 2 }; /* of the second word */

static int
stopper_of(const rr_machine *m)
{
    return m->layout.stop < 0 ? -1 : m->w[m->layout.stop] - 1;
}

bool
rr_is_world_stopped(const rr_machine *m)
{
    return stopper_of(m) >= 0 && m->w[m->layout.stop + 1] & IS_STOPPED;
}

bool
rr_is_stopping(const rr_machine *m, int thread)
{
    return stopper_of(m) == thread && !rr_is_world_stopped(m);
}

const rr_instr rr_look_again = {
    .op = RR_OP_LOOK_AGAIN, .result = -1, .statement = -1};

/* The instruction that the thread has to begin; NULL: it is inside one, destroys,
 * clears garbage, or is at its end. */
static const rr_instr *
instr_to_begin(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0 || rr_is_inside_operation(m, thread)) {
        return NULL;
    }
    const int32_t *frame = rr_top_frame(m, thread);
    int32_t place = frame[RR_FRAME_PLACE];
    if (place == RR_COLLECTS && frame[RR_FRAME_LOCALS] == RR_FINALISES) {
        return &rr_look_again;
    }
    return place < 0 ? NULL : rr_instr_at(m, thread, depth - 1, place);
}

bool
rr_begins_stop(int32_t op)
{
    return op == RR_OP_STOP || op == RR_OP_COLLECT || op == RR_OP_LOOK_AGAIN;
}

static bool
has_collection(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    while (depth-- > 0) {
        if (m->w[rr_frame_of(&m->layout, thread, depth) + RR_FRAME_PLACE] ==
            RR_COLLECTS) {
            return true;
        }
    }
    return false;
}

bool
rr_is_collecting(const rr_machine *m, int thread)
{
    for (int t = 0; t < m->layout.n_threads; t++) {
        if (has_collection(m, t)) {
            return true;
        }
    }
    int stopper = stopper_of(m);
    if (stopper < 0 || stopper == thread || rr_is_world_stopped(m)) {
        return false;
    }
    const rr_instr *in = instr_to_begin(m, stopper);
    return in != NULL && in->op == RR_OP_COLLECT;
}

/* A frame stands at an instruction of the block, or at the end of it, until what it has
 * called is over. */
static bool
is_in_nosafe(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    for (int d = 0; d < depth; d++) {
        int32_t place = m->w[rr_frame_of(&m->layout, thread, d) + RR_FRAME_PLACE];
        if (place >= 0 && rr_instr_at(m, thread, d, place)->is_nosafe) {
            return true;
        }
    }
    return false;
}

/* A `collect` that has nothing to do waits for nobody. */
bool
rr_is_at_safe_point(const rr_machine *m, int thread)
{
    const rr_instr *in = instr_to_begin(m, thread);
    bool does_nothing =
        in != NULL && in->op == RR_OP_COLLECT && rr_is_collecting(m, thread);
    return !does_nothing && rr_can_give_way(m, thread);
}

/* A thread that has to wait for the stop of another gives way, wherever it is. */
bool
rr_can_give_way(const rr_machine *m, int thread)
{
    const rr_instr *in = instr_to_begin(m, thread);
    if (in == NULL || rr_begins_stop(in->op)) {
        return in != NULL;
    }
    return (rr_is_count_op(in->op) || in->op == RR_OP_GIL || in->op == RR_OP_QUIESCE) &&
           !is_in_nosafe(m, thread);
}

bool
rr_is_held_back(const rr_machine *m, int thread)
{
    int stopper = stopper_of(m);
    if (stopper < 0 || stopper == thread) {
        return false;
    }
    if (rr_machine_has_detached(m, thread)) {
        return !rr_machine_runs_beside(m, thread);
    }
    return rr_is_world_stopped(m) || rr_is_at_safe_point(m, thread);
}

bool
rr_may_be_interrupted_now(const rr_machine *m, int thread)
{
    int stopper = stopper_of(m);
    return stopper < 0 || (stopper == thread && rr_is_world_stopped(m));
}

rr_progress
rr_wait_for_world(rr_machine *m)
{
    m->waits_on = m->layout.stop;
    return RR_WAITS;
}

/* Was the stop begun by the finaliser that runs, or by what it called? */
bool
rr_is_finaliser_in_stop(const rr_machine *m, int thread)
{
    if (stopper_of(m) != thread) {
        return false;
    }
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int frames_then = m->w[m->layout.stop + 1] / ONE_FRAME;
    for (int d = depth; d-- > 0;) {
        int32_t place = m->w[rr_frame_of(&m->layout, thread, d) + RR_FRAME_PLACE];
        if (rr_is_destruction(place) || rr_is_collection(place)) {
            return frames_then > d + 1;
        }
    }
    return false;
}

/* ---- what a stop orders, under C11 ------------------------------------------------------ */

/* Each thread has stopped with a release that the stopper acquires, and goes on with an
 * acquire of what the stopper has released.  A detached thread goes on meanwhile: it has
 * released with its `detach`, and acquires with its `attach`. */
static void
order_all(rr_machine *m, int thread, bool starts)
{
    for (int t = 0; m->is_weak && t < m->program->n_threads; t++) {
        if (t == thread) {
            continue;
        }
        if (rr_machine_has_detached(m, t) && !rr_machine_has_ended(m, t)) {
            (void)rr_synchronise(m, m->shape.attachment_sync + t, !starts, starts, false);
        } else {
            rr_join_views(m, starts ? t : thread, starts ? thread : t);
        }
    }
}

/* ---- steps ---------------------------------------------------------------------------- */

rr_progress
rr_stop_world(rr_machine *m, int thread)
{
    int32_t *stopper = &m->w[m->layout.stop], *how = stopper + 1;
    if (*stopper == 0) {
        *stopper = thread + 1;
        *how = ONE_FRAME * m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
        m->seen.completes = false;
        return RR_RAN;
    }
    if (*how & IS_STOPPED) { /* by itself: others are held back */
        return rr_wait_for_world(m);
    }
    *how |= IS_STOPPED; /* the caller has seen to it that all others are */
    order_all(m, thread, false);
    m->seen.begins = false;
    return RR_RAN;
}

void
rr_start_world(rr_machine *m)
{
    order_all(m, stopper_of(m), true);
    m->w[m->layout.stop] = m->w[m->layout.stop + 1] = 0;
}

rr_progress
rr_stop_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    m->seen.place = RR_PLACE_WORLD;
    if (rr_machine_has_detached(m, thread)) {
        return rr_misused(m, RR_MISUSE_STOP_DETACHED);
    }
    if (in->op == RR_OP_STOP_END) {
        rr_start_world(m);
        return RR_RAN;
    }
    rr_progress progress = rr_stop_world(m, thread);
    frame[RR_FRAME_PLACE] -= !m->seen.completes;
    return progress;
}
