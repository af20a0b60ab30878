/* collector.c -- the cycle collector: finds what nothing outside leads to, and drops it.
 *
 * `collect` stops the world as `stop_world` does, and starts it again: from the counts that the mode
 * believes it subtracts the references that tracked objects have to each other, as their
 * `tp_traverse` tells.  What is left with nothing, and is not reached from what is left
 * with something, is garbage.  Callbacks and finalisers follow on the same thread, with
 * the others running again; then the garbage is looked at once more, since a finaliser may
 * have resurrected some of it, and each object that is left drops what it owns.
 *
 * The garbage is marked in its status, so nothing but the phase is in the frame.
 */
#include "machine/collected_words.h"
#include "machine/stops.h"

/* ---- stopping the world --------------------------------------------------------- */

/* No thread stops inside a counting operation; a detached one does not stop. */
static bool
must_wait_for_world(rr_machine *m, int thread)
{
    for (int t = 0; t < m->layout.n_threads; t++) {
        if (t != thread && rr_is_inside_operation(m, t) && !rr_machine_has_detached(m, t)) {
            m->waits_on = -1;
            return true;
        }
    }
    return false;
}

static rr_progress
drain_attached(rr_machine *m)
{
    rr_progress progress = RR_RAN;
    for (int t = 0; t < m->layout.n_threads && progress == RR_RAN; t++) {
        if (m->layout.threads[t].buffer >= 0 && !rr_machine_has_detached(m, t)) {
            progress = rr_drain(m, t, true);
        }
    }
    return progress;
}

/* Asks all others to stop (the step does not complete), or has stopped them.  With the GIL
 * they need no asking. */
static rr_progress
stop_world(rr_machine *m, int thread)
{
    if (m->layout.stop >= 0) {
        m->seen.place = RR_PLACE_WORLD;
        rr_progress progress = rr_stop_world(m, thread);
        if (progress != RR_RAN || !m->seen.completes) {
            return progress;
        }
    } else if (must_wait_for_world(m, thread)) {
        return RR_WAITS;
    }
    return drain_attached(m);
}

static void
start_world(rr_machine *m)
{
    if (m->layout.stop >= 0) {
        rr_start_world(m);
    }
}

/* ---- finding garbage ------------------------------------------------------------ */

static bool
is_marked(const rr_machine *m, int object, int bit)
{
    return rr_machine_template(m, object) != NULL && rr_has_status_bit(m, object, bit);
}

/* What `tp_traverse` of an object visits at a field: an object and how often, or nothing. */
static int32_t
visits_at(const rr_machine *m, int object, int32_t field, int *target)
{
    const rr_template *t = rr_machine_template(m, object);
    int32_t word = rr_fields_of(m, object)[field];
    *target = rr_is_pointer(word) ? rr_object_of(word) : -1;
    return *target < 0 ? 0 : m->program->fields[t->first_field + field].visits;
}

/* Subtracts what an object leads to; the visitor reads the header of what it is given. */
static rr_progress
subtract(rr_machine *m, int object, int bit, int32_t *rest)
{
    if (rr_has_status_bit(m, object, RR_RAW)) {
        return rr_find(m, RR_UNINITIALISED_USE, object);
    }
    for (int32_t f = 0; f < rr_machine_template(m, object)->n_fields; f++) {
        rr_progress progress = rr_read_visited_field(m, object, f);
        int target;
        int32_t visits = visits_at(m, object, f, &target);
        if (progress != RR_RAN) {
            return progress;
        }
        if (visits == 0) {
            continue;
        }
        if (rr_status_of(m, target) == RR_FREED) {
            return rr_find(m, RR_USE_AFTER_FREE, target);
        }
        if (rr_is_uncounted(m, target)) {
            return rr_misused(m, RR_MISUSE_VISITS_UNCOUNTED);
        }
        progress = rr_visit_object(m, target);
        if (progress != RR_RAN) {
            return progress;
        }
        rest[target] -= is_marked(m, target, bit) ? visits : 0;
    }
    return RR_RAN;
}

/* What leads on from an object that is reached is reached too. */
static bool
reach_on(const rr_machine *m, int object, int bit, int32_t *rest)
{
    bool has_changed = false;
    for (int32_t f = 0; f < rr_machine_template(m, object)->n_fields; f++) {
        int target;
        if (visits_at(m, object, f, &target) > 0 && is_marked(m, target, bit) &&
            rest[target] == 0) {
            rest[target] = 1;
            has_changed = true;
        }
    }
    return has_changed;
}

/* Leaves 0 in `m->reached` for those with that bit which nothing outside leads to.  A rest
 * below 0 comes of a count that is too low: CPython takes it for a reference. */
static rr_progress
find_unreachable(rr_machine *m, int bit)
{
    int32_t *rest = m->reached;
    rr_progress progress = RR_RAN;
    for (int i = 0; i < m->layout.n_objects && progress == RR_RAN; i++) {
        bool is_here = is_marked(m, i, bit);
        int64_t count = is_here ? rr_machine_count(m, m->w, i) : 0;
        rest[i] = (int32_t)(count > RR_MAX_INTEGER ? RR_MAX_INTEGER : count);
        progress = is_here ? rr_look_at_count(m, i, RC_RELAXED) : RR_RAN;
    }
    for (int i = 0; i < m->layout.n_objects && progress == RR_RAN; i++) {
        progress = is_marked(m, i, bit) ? subtract(m, i, bit, rest) : RR_RAN;
    }
    for (bool has_changed = progress == RR_RAN; has_changed;) {
        has_changed = false;
        for (int i = 0; i < m->layout.n_objects; i++) {
            has_changed |= is_marked(m, i, bit) && rest[i] != 0 && reach_on(m, i, bit, rest);
        }
    }
    return progress;
}

/* The world stands still: what threads have counted for themselves goes into the count,
 * which nobody owns from now on. */
static rr_progress
merge_count(rr_machine *m, int object)
{
    if (!rr_merges_counts(m) || rr_machine_standing(m, m->w, object) == RR_IMMORTAL) {
        return RR_RAN;
    }
    int32_t ledger = rr_object_words(m, object)[RR_OBJECT_LEDGER];
    int64_t count = rr_machine_count(m, m->w, object);
    rr_words before = rr_machine_words(m, m->w, object);
    rr_forget_lanes(m, object);
    rr_progress progress = rr_begin_count(m, object, (int32_t)count, -1, true);
    rr_object_words(m, object)[RR_OBJECT_LEDGER] = ledger;
    return progress == RR_RAN ? rr_renew_count(m, object, &before) : progress;
}

rr_progress
rr_collect_step(rr_machine *m, int thread, int32_t *frame)
{
    int32_t callbacks = 0;
    bool has_found = false;
    rr_progress progress = rr_check_attachment(m, thread, RR_OP_COLLECT, 0);
    if (progress != RR_RAN || rr_is_collecting(m, thread)) {
        return progress;
    }
    progress = stop_world(m, thread);
    if (progress != RR_RAN || !m->seen.completes) {
        frame[RR_FRAME_PLACE] -= progress == RR_RAN;
        return progress;
    }
    progress = find_unreachable(m, RR_TRACKED);
    for (int i = 0; i < m->layout.n_objects && progress == RR_RAN; i++) {
        if (is_marked(m, i, RR_TRACKED) && m->reached[i] == 0) {
            rr_object_words(m, i)[RR_OBJECT_STATUS] |= RR_GARBAGE;
            has_found = true;
            progress = rr_clear_weak_references(m, i, &callbacks);
            progress = progress == RR_RAN ? merge_count(m, i) : progress;
        }
    }
    start_world(m);
    if (progress == RR_RAN && has_found) {
        progress = rr_push_work(m, thread, RR_COLLECTS, RR_FINALISES);
    }
    return progress == RR_RAN ? rr_push_callbacks(m, thread, callbacks) : progress;
}

/* ---- what follows --------------------------------------------------------------- */

/* The first garbage in the order in which it was made; -1: none is left. */
static int
next_garbage(const rr_machine *m, bool wants_finaliser)
{
    for (int i = 0; i < m->layout.n_objects; i++) {
        if (is_marked(m, i, RR_GARBAGE) &&
            (!wants_finaliser || (rr_machine_template(m, i)->finaliser >= 0 &&
                                  !rr_has_status_bit(m, i, RR_FINALISED)))) {
            return i;
        }
    }
    return -1;
}

rr_progress
rr_settle_collection(rr_machine *m, int thread, int32_t *frame, bool *is_at_step)
{
    *is_at_step = false;
    if (frame[RR_FRAME_PLACE] == RR_CALLS_BACK) {
        return rr_call_next_back(m, thread, frame);
    }
    bool finalises = frame[RR_FRAME_LOCALS] == RR_FINALISES;
    int object = next_garbage(m, finalises);
    if (object < 0 && !finalises) {
        rr_pop(m, thread);
        return RR_RAN;
    }
    if (object < 0 || !finalises) {
        *is_at_step = true;
        return RR_RAN;
    }
    rr_object_words(m, object)[RR_OBJECT_STATUS] |= RR_FINALISED;
    return rr_call(m, thread, rr_machine_template(m, object)->finaliser, 0,
                   rr_word_of_object(object));
}

/* Keeps what a finaliser or another thread leads to again. */
static rr_progress
look_again(rr_machine *m, int thread, int32_t *frame)
{
    int32_t callbacks = 0;
    m->seen.instr = &rr_look_again;
    rr_progress progress = rr_check_attachment(m, thread, RR_OP_COLLECT, 0);
    if (progress == RR_RAN) {
        progress = stop_world(m, thread);
    }
    if (progress != RR_RAN || !m->seen.completes) {
        return progress;
    }
    progress = find_unreachable(m, RR_GARBAGE);
    for (int i = 0; i < m->layout.n_objects && progress == RR_RAN; i++) {
        if (is_marked(m, i, RR_GARBAGE) && m->reached[i] != 0) {
            rr_object_words(m, i)[RR_OBJECT_STATUS] &= ~RR_GARBAGE;
        } else if (is_marked(m, i, RR_GARBAGE)) { /* made since: it calls nothing */
            progress = rr_clear_weak_references(m, i, &callbacks);
        }
    }
    start_world(m);
    frame[RR_FRAME_LOCALS] = RR_CLEARS;
    return progress;
}

/* `tp_clear`: the object drops what it owns.  One whose count is zero already, because
 * nothing has noticed, is destroyed.  Another thread may have taken the last one away. */
static rr_progress
clear(rr_machine *m, int thread, int object)
{
    static const rr_instr clears = {.op = RR_OP_TP_CLEAR, .result = -1, .statement = -1};
    m->seen.instr = &clears;
    if (object < 0) {
        return rr_check_attachment(m, thread, RR_OP_FREE, 0);
    }
    m->seen.place = RR_PLACE_PAYLOAD;
    m->seen.object = object;
    rr_progress progress =
        rr_check_attachment(m, thread, RR_OP_FREE, rr_word_of_object(object));
    if (progress == RR_RAN && rr_must_wait_to_drop(m, thread, object)) {
        return RR_WAITS;
    }
    if (progress != RR_RAN) {
        return progress;
    }
    rr_object_words(m, object)[RR_OBJECT_STATUS] &= ~RR_GARBAGE;
    bool is_dead = rr_machine_count(m, m->w, object) == 0;
    progress = rr_look_at_count(m, object, is_dead ? RC_ACQUIRE : RC_RELAXED);
    if (progress != RR_RAN || is_dead) {
        return progress == RR_RAN ? rr_destroy(m, thread, object) : progress;
    }
    const rr_template *t = rr_machine_template(m, object);
    for (int32_t f = 0; f < t->n_fields && progress == RR_RAN; f++) {
        int32_t word = rr_fields_of(m, object)[f];
        if (m->program->fields[t->first_field + f].owning && rr_is_pointer(word)) {
            progress = rr_clear_field(m, object, f);
            if (progress == RR_RAN) {
                progress = rr_drop_owned(m, thread, rr_object_of(word));
            }
        }
    }
    return progress;
}

rr_progress
rr_go_on_collecting(rr_machine *m, int thread, int32_t *frame)
{
    m->seen.begins = m->seen.completes = true;
    return frame[RR_FRAME_LOCALS] == RR_FINALISES
               ? look_again(m, thread, frame)
               : clear(m, thread, next_garbage(m, false));
}

/* ---- tracking ------------------------------------------------------------------- */

rr_progress
rr_track_step(rr_machine *m, int thread, const rr_instr *in, const int32_t *frame)
{
    int object = -1;
    rr_progress progress = rr_check_attachment(m, thread, in->op, 0);
    if (progress == RR_RAN) {
        progress = rr_memory(m, frame[RR_FRAME_LOCALS + in->p[0]], &object);
    }
    m->seen.place = RR_PLACE_PAYLOAD;
    if (progress != RR_RAN) {
        return progress;
    }
    if (!rr_machine_template(m, object)->collected || rr_is_uncounted(m, object)) {
        return rr_misused(m, RR_MISUSE_NOT_COLLECTED);
    }
    progress = rr_visit_object(m, object);
    if (progress != RR_RAN) {
        return progress;
    }
    int32_t *status = &rr_object_words(m, object)[RR_OBJECT_STATUS];
    if (in->op == RR_OP_UNTRACK) {
        *status &= ~(RR_TRACKED | RR_GARBAGE);
        return RR_RAN;
    }
    if (*status & RR_TRACKED) {
        return rr_misused(m, RR_MISUSE_TRACKED);
    }
    *status |= RR_TRACKED;
    return RR_RAN;
}
