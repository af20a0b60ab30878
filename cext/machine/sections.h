/* sections.h -- where a thread's critical sections are in a state, and how to walk them.
 *
 * A section has words in the frame of its body: the objects in the order in which their
 * locks are taken, and what has become of it.
 */
#ifndef RR_SECTIONS_H
#define RR_SECTIONS_H

#include "machine/internal.h"
#include "machine/stops.h"

typedef enum rr_phase {
    RR_OUTSIDE,
    RR_ENTERS,       /* some of its locks are still to be taken for the first time */
    RR_ENTERS_LATER, /* and the sections below are suspended meanwhile */
    RR_INSIDE,
    RR_SECTION_WAITS,     /* suspended: the thread is not to take it again yet */
    RR_SECTION_SUSPENDED, /* its locks are to be taken again */
    RR_NESTED,            /* its lock belongs to the section around it; not on the stack */
    RR_PHASE_BITS = 3
} rr_phase;

enum { RR_FIRST_LOCK = 1,
       RR_SECOND_LOCK = 2 };

static inline rr_phase
phase_of(const int32_t *s)
{
    int32_t word = s[RR_SECTION_STATE];
    return word == 0 ? RR_OUTSIDE
                     : (rr_phase)(rr_integer_of(word) & ((1 << RR_PHASE_BITS) - 1));
}

/* The locks that it holds, as bits. */
static inline int
held_by(const int32_t *s)
{
    int32_t word = s[RR_SECTION_STATE];
    return word == 0 ? 0 : (int)(rr_integer_of(word) >> RR_PHASE_BITS);
}

static inline void
set_section(int32_t *s, rr_phase phase, int held)
{
    s[RR_SECTION_STATE] = rr_word_of_integer((int)phase | held << RR_PHASE_BITS);
}

static inline int
locks_of(const int32_t *s)
{
    return s[RR_SECTION_Y] == 0 ? RR_FIRST_LOCK : RR_FIRST_LOCK | RR_SECOND_LOCK;
}

static inline int32_t *
section_at(const rr_machine *m, int thread, int depth, int32_t i)
{
    const rr_layout *l = &m->layout;
    int32_t n_locals = depth == 0 ? l->threads[thread].n_first_locals
                                  : l->frame_words - RR_FRAME_LOCALS;
    int32_t n = depth == 0 ? l->threads[thread].n_sections : l->n_deep_sections;
    return m->w + rr_frame_of(l, thread, depth) + RR_FRAME_LOCALS + n_locals -
           RR_SECTION_WORDS * (n - i);
}

/* A walk down the stack of a thread's sections. */
typedef struct rr_section_walk {
    int depth;
    int32_t i;
} rr_section_walk;

static inline rr_section_walk
from_the_top(const rr_machine *m, int thread)
{
    const rr_layout *l = &m->layout;
    int depth = m->w[l->threads[thread].base + RR_THREAD_DEPTH] - 1;
    return (rr_section_walk){depth, depth == 0 ? l->threads[thread].n_sections
                                               : l->n_deep_sections};
}

static inline int32_t *
next_section(const rr_machine *m, int thread, rr_section_walk *walk)
{
    const rr_layout *l = &m->layout;
    for (; walk->depth >= 0; walk->depth--) {
        while (walk->i > 0) {
            int32_t *s = section_at(m, thread, walk->depth, --walk->i);
            if (phase_of(s) != RR_OUTSIDE && phase_of(s) != RR_NESTED) {
                return s;
            }
        }
        walk->i = walk->depth == 1 ? l->threads[thread].n_sections : l->n_deep_sections;
    }
    return NULL;
}

static inline int32_t *
top_section(const rr_machine *m, int thread)
{
    rr_section_walk walk = from_the_top(m, thread);
    return next_section(m, thread, &walk);
}

/* The topmost section with a lock to release before the thread waits; NULL: none.  A
 * section that the thread is entering keeps its first lock while it waits for the other.
 */
static inline int32_t *
section_to_suspend(const rr_machine *m, int thread)
{
    rr_section_walk walk = from_the_top(m, thread);
    for (int32_t *s = next_section(m, thread, &walk); s != NULL;
         s = next_section(m, thread, &walk)) {
        bool is_entered = phase_of(s) != RR_ENTERS && phase_of(s) != RR_ENTERS_LATER;
        if (is_entered && held_by(s) != 0) {
            return s;
        }
    }
    return NULL;
}

/* Is the topmost section to be taken again before anything else?  Where a thread has given
 * way to a stop, it is, once the world goes on. */
static inline bool
resumes(const rr_machine *m, int thread, const int32_t *top)
{
    bool has_given_way = m->layout.stop >= 0 && phase_of(top) == RR_SECTION_WAITS &&
                         rr_can_give_way(m, thread) && !rr_is_held_back(m, thread);
    return (phase_of(top) == RR_SECTION_SUSPENDED || has_given_way) &&
           !rr_machine_has_detached(m, thread);
}

#endif
