/* section_steps.c -- the steps of critical sections: to enter and leave one, to suspend it
 * and to resume it.
 *
 * A thread that has to wait suspends its sections, the topmost first, one lock in a step.
 * When it goes on, it takes the locks of the topmost one again; those of the others when
 * the ones above them are left.
 */
#include "machine/sections.h"

#include <string.h>

/* ---- locks ---------------------------------------------------------------------- */

static rr_progress
lock_of_section(rr_machine *m, const int32_t *s, int lock, int32_t **owner)
{
    int object = -1;
    m->seen.place = RR_PLACE_MUTEX;
    rr_progress progress =
        rr_memory(m, s[lock == RR_FIRST_LOCK ? RR_SECTION_X : RR_SECTION_Y], &object);
    if (progress == RR_RAN) {
        *owner = rr_object_words(m, object) + m->layout.mutex_offset;
    }
    return progress;
}

/* Takes the next lock of a section; RR_WAITS: it is held. */
static rr_progress
take_lock(rr_machine *m, int thread, int32_t *s)
{
    int held = held_by(s), lock = held & RR_FIRST_LOCK ? RR_SECOND_LOCK : RR_FIRST_LOCK;
    int32_t *owner;
    rr_progress progress = lock_of_section(m, s, lock, &owner);
    if (progress != RR_RAN) {
        return progress;
    }
    if (*owner != 0) {
        m->waits_on = (int32_t)(owner - m->w);
        return RR_WAITS;
    }
    *owner = thread + 1;
    held |= lock;
    set_section(s, held == locks_of(s) ? RR_INSIDE : phase_of(s), held);
    return RR_RAN;
}

/* What the thread has written is visible before the lock is free. */
static rr_progress
release_lock(rr_machine *m, int thread, int32_t *s, int lock)
{
    int32_t *owner;
    rr_progress progress = rr_drain(m, thread, true);
    if (progress == RR_RAN) {
        progress = lock_of_section(m, s, lock, &owner);
    }
    if (progress == RR_RAN && *owner != thread + 1) {
        return rr_misused(m, RR_MISUSE_NOT_HELD);
    }
    if (progress == RR_RAN) {
        *owner = 0;
        set_section(s, phase_of(s), held_by(s) & ~lock);
    }
    return progress;
}

/* ---- suspending and resuming ------------------------------------------------------ */

static rr_progress
suspend_one(rr_machine *m, int thread)
{
    static const rr_instr suspend = {
        .op = RR_OP_SUSPEND, .result = -1, .statement = -1};
    int32_t *top = top_section(m, thread), *s = section_to_suspend(m, thread);
    m->seen.instr = &suspend;
    m->seen.begins = m->seen.completes = true;
    if (phase_of(top) == RR_INSIDE) {
        set_section(top, RR_SECTION_WAITS, held_by(top));
    } else if (phase_of(top) == RR_ENTERS) {
        set_section(top, RR_ENTERS_LATER, held_by(top));
    }
    bool has_first = (held_by(s) & RR_FIRST_LOCK) != 0;
    rr_progress progress =
        release_lock(m, thread, s, has_first ? RR_FIRST_LOCK : RR_SECOND_LOCK);
    if (progress == RR_RAN && s != top && held_by(s) == 0) {
        set_section(s, RR_SECTION_SUSPENDED, 0);
    }
    return progress;
}

static rr_progress
resume_top(rr_machine *m, int thread)
{
    static const rr_instr resume = {.op = RR_OP_RESUME, .result = -1, .statement = -1};
    int32_t *top = top_section(m, thread);
    m->seen.instr = &resume;
    m->seen.begins = m->seen.completes = true;
    set_section(top, RR_SECTION_SUSPENDED, held_by(top));
    return take_lock(m, thread, top);
}

rr_progress
rr_section_due(rr_machine *m, int thread)
{
    return resumes(m, thread, top_section(m, thread)) ? resume_top(m, thread)
                                                      : suspend_one(m, thread);
}

rr_progress
rr_wait_in_section(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    if (!m->layout.has_sections || !rr_detaches_to_wait(m, in) ||
        rr_machine_has_detached(m, thread) || section_to_suspend(m, thread) == NULL) {
        return RR_WAITS;
    }
    frame[RR_FRAME_PLACE]--;
    return suspend_one(m, thread);
}

rr_progress
rr_give_way(rr_machine *m, int thread)
{
    if (!m->layout.has_sections || rr_machine_has_detached(m, thread) ||
        section_to_suspend(m, thread) == NULL) {
        return rr_wait_for_world(m);
    }
    return suspend_one(m, thread);
}

/* A thread that waited no longer does: it is to take its topmost section again. */
static void
resume_next(rr_machine *m, int thread)
{
    int32_t *top = top_section(m, thread);
    if (top != NULL && phase_of(top) == RR_SECTION_WAITS) {
        set_section(top, RR_SECTION_SUSPENDED, 0);
    }
}

void
rr_go_on_in_section(rr_machine *m, int thread, const rr_instr *in)
{
    if (!m->layout.has_sections || !m->seen.completes ||
        !(rr_detaches_to_wait(m, in) || in->op == RR_OP_ATTACH) ||
        rr_machine_has_ended(m, thread) || rr_machine_has_detached(m, thread)) {
        return;
    }
    resume_next(m, thread);
}

void
rr_resume_for_interrupt(rr_machine *m, int thread)
{
    if (m->layout.has_sections) {
        resume_next(m, thread);
    }
}

/* ---- the beginning and the end of a section ------------------------------------------ */

/* Numbers of objects stand for addresses: the lower one's lock is taken first. */
static void
name_objects(int32_t *s, int32_t x, const int32_t *second)
{
    bool has_two = second != NULL && *second != x;
    bool is_first = !has_two || x < *second;
    s[RR_SECTION_X] = is_first ? x : *second;
    s[RR_SECTION_Y] = !has_two ? 0 : is_first ? *second
                                              : x;
}

/* Does the section around this one, the topmost until now, hold the only lock? */
static bool
is_nested(const int32_t *top, const int32_t *s)
{
    return top != NULL && phase_of(top) == RR_INSIDE && s[RR_SECTION_Y] == 0 &&
           ((held_by(top) & RR_FIRST_LOCK && top[RR_SECTION_X] == s[RR_SECTION_X]) ||
            (held_by(top) & RR_SECOND_LOCK && top[RR_SECTION_Y] == s[RR_SECTION_X]));
}

static rr_progress
enter(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] - 1;
    int32_t *s = section_at(m, thread, depth, in->p[0]);
    const int32_t *locals = frame + RR_FRAME_LOCALS;
    if (phase_of(s) == RR_OUTSIDE) {
        const int32_t *top = top_section(m, thread);
        name_objects(s, locals[in->p[1]], in->p[2] < 0 ? NULL : &locals[in->p[2]]);
        if (is_nested(top, s)) {
            int32_t *owner;
            rr_progress progress = lock_of_section(m, s, RR_FIRST_LOCK, &owner);
            memset(s, 0, RR_SECTION_WORDS * sizeof *s);
            set_section(s, RR_NESTED, 0);
            return progress;
        }
        set_section(s, RR_ENTERS, 0);
    } else {
        m->seen.begins = false;
    }
    rr_progress progress = take_lock(m, thread, s);
    if (progress == RR_WAITS && section_to_suspend(m, thread) != NULL) {
        frame[RR_FRAME_PLACE]--;
        return suspend_one(m, thread);
    }
    if (progress == RR_RAN && phase_of(s) != RR_INSIDE) {
        frame[RR_FRAME_PLACE]--;
        m->seen.completes = false;
    }
    return progress;
}

static rr_progress
leave(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] - 1;
    int32_t *s = section_at(m, thread, depth, in->p[0]);
    m->seen.begins = held_by(s) == locks_of(s);
    bool has_second = (held_by(s) & RR_SECOND_LOCK) != 0;
    rr_progress progress =
        release_lock(m, thread, s, has_second ? RR_SECOND_LOCK : RR_FIRST_LOCK);
    if (progress == RR_RAN && held_by(s) != 0) {
        frame[RR_FRAME_PLACE]--;
        m->seen.completes = false;
    } else if (progress == RR_RAN) {
        memset(s, 0, RR_SECTION_WORDS * sizeof *s);
    }
    return progress;
}

rr_progress
rr_section_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    if (rr_machine_has_detached(m, thread)) {
        return rr_misused(m, RR_MISUSE_SECTION_DETACHED);
    }
    return in->op == RR_OP_CRITICAL ? enter(m, thread, in, frame)
                                    : leave(m, thread, in, frame);
}
