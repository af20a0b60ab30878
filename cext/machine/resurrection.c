/* resurrection.c -- finalisers that make their object live again.
 *
 * In a destruction the finaliser holds a count of its object for a while.  In a collection
 * the object is alive, as under PEP 442: nothing has to be resurrected, and look-again
 * decides what is kept.
 */
#include "machine/resurrection.h"

#include "machine/stops.h"

/* ---- where a thread is ------------------------------------------------------------ */

/* How deep the innermost destruction or collection is in the stack; -1: there is none. */
static int
depth_of_work(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    while (depth-- > 0) {
        int32_t place = m->w[rr_frame_of(&m->layout, thread, depth) + RR_FRAME_PLACE];
        if (rr_is_destruction(place) || rr_is_collection(place)) {
            return depth;
        }
    }
    return -1;
}

int32_t *
rr_innermost_destruction(const rr_machine *m, int thread)
{
    int depth = depth_of_work(m, thread);
    int32_t *frame = depth < 0 ? NULL : m->w + rr_frame_of(&m->layout, thread, depth);
    return frame != NULL && rr_is_destruction(frame[RR_FRAME_PLACE]) ? frame : NULL;
}

/* A resurrection begins and ends inside the finaliser that caused it. */
bool
rr_is_in_finaliser_of(const rr_machine *m, int thread, int object)
{
    const int32_t *frame = rr_innermost_destruction(m, thread);
    return frame != NULL && frame[RR_FRAME_LOCALS] == object;
}

bool
rr_is_finalising_garbage(const rr_machine *m, int thread)
{
    int depth = depth_of_work(m, thread);
    return depth >= 0 && m->w[rr_frame_of(&m->layout, thread, depth) +
                              RR_FRAME_PLACE] == RR_COLLECTS;
}

/* ---- the beginning ---------------------------------------------------------------- */

/* A finaliser begins to use its object: it holds the one count of it.  One step in every
 * mode, since nobody else counts an object whose count is zero. */
rr_progress
rr_resurrect(rr_machine *m, int thread, int object)
{
    m->seen.place = RR_PLACE_COUNT;
    m->seen.object = object;
    if (rr_is_in_finaliser_of(m, thread, object)) {
        return rr_begin_count(m, object, 1, thread, true);
    }
    if (!rr_is_finalising_garbage(m, thread)) {
        return rr_misused(m, RR_MISUSE_RESURRECTS_ELSEWHERE);
    }
    return rr_has_status_bit(m, object, RR_FINALISED)
               ? RR_RAN
               : rr_misused(m, RR_MISUSE_RESURRECTS_GARBAGE);
}

/* ---- the end ---------------------------------------------------------------------- */

/* The rest of the finaliser, and of the bodies that it called, does not run. */
static rr_progress
leave_finaliser(rr_machine *m, int thread)
{
    if (rr_is_finaliser_in_section(m, thread)) {
        return rr_misused(m, RR_MISUSE_RESURRECTS_IN_SECTION);
    }
    if (rr_is_finaliser_in_stop(m, thread)) {
        return rr_misused(m, RR_MISUSE_RESURRECTS_IN_STOP);
    }
    int depth = depth_of_work(m, thread);
    const int32_t *now = &m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    while (*now > depth + 1) {
        rr_pop(m, thread);
    }
    return RR_RAN;
}

rr_progress
rr_keep_resurrected(rr_machine *m, int thread, const rr_instr *in, int object)
{
    int32_t *frame = rr_innermost_destruction(m, thread);
    if (in->result < 0) {
        rr_progress progress = leave_finaliser(m, thread);
        if (progress != RR_RAN) {
            return progress;
        }
        rr_pop(m, thread);
    } else { /* the finaliser goes on */
        frame[RR_FRAME_PLACE] = RR_DESTRUCTION_OVER;
        frame[RR_FRAME_LOCALS] = 0;
    }
    rr_set_status(m, object, RR_ALIVE);
    rr_object_words(m, object)[RR_OBJECT_STATUS] |=
        rr_tracked_if(rr_machine_template(m, object));
    return RR_RAN;
}

rr_progress
rr_end_of_garbage(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int32_t word = frame[RR_FRAME_LOCALS + in->p[0]];
    int object = -1;
    rr_progress progress = rr_check_attachment(m, thread, in->op, word);
    if (progress == RR_RAN) {
        progress = rr_memory(m, word, &object);
    }
    m->seen.place = RR_PLACE_COUNT;
    if (progress != RR_RAN) {
        return progress;
    }
    m->seen.object = object;
    if (rr_is_uncounted(m, object)) {
        return rr_misused(m, RR_MISUSE_UNCOUNTED);
    }
    if (!rr_has_status_bit(m, object, RR_FINALISED)) {
        return rr_misused(m, RR_MISUSE_RESURRECTS_GARBAGE);
    }
    m->seen.completes = true;
    if (in->result < 0) {
        return leave_finaliser(m, thread);
    }
    frame[RR_FRAME_PLACE]++;
    frame[RR_FRAME_LOCALS + in->result] = rr_word_of_integer(1);
    m->seen.has_result = true;
    m->seen.result = rr_word_of_integer(1);
    return RR_RAN;
}
