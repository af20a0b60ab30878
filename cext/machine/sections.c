/* sections.c -- critical sections: what a thread has to do about them next, and which of
 * their steps are none.
 */
#include "machine/sections.h"

#include <string.h>

static bool
is_at_detach(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t place = rr_top_frame(m, thread)[RR_FRAME_PLACE];
    return place >= 0 &&
           rr_instr_at(m, thread, depth - 1, place)->op == RR_OP_DETACH &&
           !rr_machine_has_detached(m, thread);
}

bool
rr_is_section_due(const rr_machine *m, int thread)
{
    if (!m->layout.has_sections || rr_is_inside_operation(m, thread) ||
        rr_machine_has_ended(m, thread)) {
        return false;
    }
    const int32_t *top = top_section(m, thread);
    if (top == NULL) {
        return false;
    }
    rr_phase phase = phase_of(top);
    return resumes(m, thread, top) ||
           ((phase == RR_SECTION_WAITS || phase == RR_ENTERS_LATER ||
             is_at_detach(m, thread)) &&
            section_to_suspend(m, thread) != NULL);
}

/* Does a thread that has to wait at this instruction detach meanwhile? */
bool
rr_detaches_to_wait(const rr_machine *m, const rr_instr *in)
{
    switch (in->op) {
    case RR_OP_LOCK:
        return in->p[0] >= 0 || m->program->lock_kinds[in->p[1]] != RR_LOCK_NATIVE;
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_BARRIER_WAIT:
    case RR_OP_BARRIER_GO:
        return true;
    default:
        return false;
    }
}

bool
rr_can_stop_here(const rr_machine *m, int thread)
{
    if (rr_is_section_due(m, thread)) {
        return resumes(m, thread, top_section(m, thread));
    }
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t place = rr_top_frame(m, thread)[RR_FRAME_PLACE];
    const rr_instr *in = place < 0 ? NULL : rr_instr_at(m, thread, depth - 1, place);
    return rr_is_held_back(m, thread) ||
           (in != NULL && (in->op == RR_OP_CRITICAL || rr_detaches_to_wait(m, in)));
}

bool
rr_is_between_locks(const rr_machine *m, int thread)
{
    const int32_t *top = m->layout.has_sections ? top_section(m, thread) : NULL;
    if (top == NULL) {
        return false;
    }
    rr_phase phase = phase_of(top);
    bool waits = phase == RR_SECTION_WAITS || phase == RR_ENTERS_LATER;
    return (held_by(top) != 0 && held_by(top) != locks_of(top)) ||
           (waits && section_to_suspend(m, thread) != NULL);
}

bool
rr_is_section_local(const rr_machine *m, int thread, const rr_instr *in)
{
    if (in->op == RR_OP_STOP || in->op == RR_OP_STOP_END) {
        return m->layout.stop < 0;
    }
    if (in->op != RR_OP_CRITICAL && in->op != RR_OP_CRITICAL_END) {
        return false;
    }
    if (!m->layout.has_sections) {
        return true;
    }
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] - 1;
    return in->op == RR_OP_CRITICAL_END &&
           phase_of(section_at(m, thread, depth, in->p[0])) == RR_NESTED;
}

void
rr_pass_section(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] - 1;
    if (m->layout.has_sections) {
        memset(section_at(m, thread, depth, in->p[0]), 0,
               RR_SECTION_WORDS * sizeof *m->w);
    }
    frame[RR_FRAME_PLACE]++;
}

bool
rr_is_finaliser_in_section(const rr_machine *m, int thread)
{
    if (!m->layout.has_sections) {
        return false;
    }
    for (rr_section_walk walk = from_the_top(m, thread); walk.depth >= 0; walk.depth--) {
        const int32_t *frame = m->w + rr_frame_of(&m->layout, thread, walk.depth);
        int32_t place = frame[RR_FRAME_PLACE];
        if (rr_is_destruction(place) || rr_is_collection(place)) {
            return false;
        }
        int32_t n = walk.depth == 0 ? m->layout.threads[thread].n_sections
                                    : m->layout.n_deep_sections;
        for (int32_t i = 0; i < n; i++) {
            if (section_at(m, thread, walk.depth, i)[RR_SECTION_STATE] != 0) {
                return true;
            }
        }
    }
    return false;
}

bool
rr_holds_by_section(const rr_machine *m, int thread, int object)
{
    if (!m->layout.has_sections) {
        return false;
    }
    int32_t word = rr_word_of_object(object);
    rr_section_walk walk = from_the_top(m, thread);
    for (int32_t *s = next_section(m, thread, &walk); s != NULL;
         s = next_section(m, thread, &walk)) {
        if ((s[RR_SECTION_X] == word && held_by(s) & RR_FIRST_LOCK) ||
            (s[RR_SECTION_Y] == word && held_by(s) & RR_SECOND_LOCK)) {
            return true;
        }
    }
    return false;
}
