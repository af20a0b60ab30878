/* walk.c -- finds the choices of a state by trying them. */
#include "explore/walk.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/memory_form.h"

int
rr_walk_open(rr_machine *m, rr_walk *out)
{
    *out = (rr_walk){.m = m, .last = -1};
    out->before = rr_alloc((size_t)m->layout.n_words, sizeof *out->before);
    return out->before == NULL ? RR_ENOMEM : RR_OK;
}

void
rr_walk_close(rr_walk *walk)
{
    rr_free(walk->before);
    walk->before = NULL;
}

rr_progress
rr_walk_try(rr_walk *walk, int32_t code)
{
    rr_machine *m = walk->m;
    size_t bytes = (size_t)m->layout.n_words * sizeof *m->w;
    memcpy(walk->before, m->w, bytes);
    rr_progress progress = rr_machine_take(m, code);
    memcpy(m->w, walk->before, bytes);
    return progress;
}

/* An end and a misuse are choices too, because something happens there. */
static bool
is_possible(rr_progress progress)
{
    return progress == RR_RAN || progress == RR_ENDED || progress == RR_MISUSED;
}

static rr_progress
add_code(rr_walk *walk, int32_t code)
{
    rr_progress progress = rr_walk_try(walk, code);
    if (is_possible(progress)) {
        walk->choices[walk->n_choices++] = code;
    }
    return progress;
}

/* Under C11: the other messages that the step may take.  A step that waits with one may
 * be possible with another. */
static rr_progress
add_messages(rr_walk *walk, int thread)
{
    const int *n = walk->m->n_options;
    int n_first = n[0], n_second = n[1];
    for (int first = 0; first < n_first; first++) {
        if (first > 0) {
            if (add_code(walk, rr_code_of(thread, RR_STEP, first)) == RR_GROW) {
                return RR_GROW;
            }
            n_second = n[1];
        }
        for (int second = 1; second < n_second; second++) {
            int choice = first | second << RR_PICK_BITS;
            if (add_code(walk, rr_code_of(thread, RR_STEP, choice)) == RR_GROW) {
                return RR_GROW;
            }
        }
    }
    return RR_RAN;
}

static rr_progress
add_thread(rr_walk *walk, int thread)
{
    int n_before = walk->n_choices;
    rr_progress progress = add_code(walk, 4 * thread + RR_STEP);
    if (progress == RR_GROW ||
        (walk->m->is_weak && add_messages(walk, thread) == RR_GROW)) {
        return RR_GROW;
    }
    if (walk->n_choices == n_before) {
        return progress;
    }
    walk->last_is_enabled |= thread == walk->last;
    if (rr_machine_is_at_maybe(walk->m, thread)) {
        walk->choices[walk->n_choices++] = 4 * thread + RR_TAKEN;
    }
    return RR_RAN;
}

/* only: the thread that has the GIL and goes on with it; -1: any. */
static void
add_interrupts(rr_walk *walk, int only)
{
    const rr_machine *m = walk->m;
    for (int t = 0; t < m->program->n_threads; t++) {
        for (int i = 0; i < m->layout.threads[t].n_interrupts; i++) {
            if ((only < 0 || t == only) && rr_machine_can_interrupt(m, t, i)) {
                walk->choices[walk->n_choices++] = rr_code_of(t, RR_INTERRUPT, i);
            }
        }
    }
}

static rr_progress
find_choices(rr_walk *walk)
{
    rr_machine *m = walk->m;
    const rr_layout *l = &m->layout;
    walk->n_choices = 0;
    walk->last_is_enabled = false;
    int holder = l->holder >= 0 ? m->w[l->holder] - 1 : -1;
    bool is_held = false;
    if (holder >= 0) {
        rr_progress progress = add_thread(walk, holder);
        if (progress == RR_GROW) {
            return RR_GROW;
        }
        is_held = is_possible(progress) || (progress == RR_WAITS && m->keeps_gil);
    }
    for (int t = 0; t < l->n_threads; t++) {
        if (is_held && (t == holder || !rr_machine_runs_beside(m, t))) {
            continue;
        }
        if (add_thread(walk, t) == RR_GROW) {
            return RR_GROW;
        }
    }
    for (int t = 0; t < m->program->n_threads; t++) {
        if (rr_machine_can_drain(m, t)) {
            walk->choices[walk->n_choices++] = 4 * t + RR_DRAIN;
        }
    }
    if (m->program->n_interrupts > 0 && walk->n_choices > 0) {
        add_interrupts(walk, is_held ? holder : -1);
    }
    return RR_RAN;
}

int32_t
rr_walk_waits_on(rr_walk *walk, int thread)
{
    rr_machine *m = walk->m;
    int holder = m->layout.holder >= 0 ? m->w[m->layout.holder] - 1 : -1;
    if (holder >= 0 && holder != thread && !rr_machine_runs_beside(m, thread)) {
        (void)rr_walk_try(walk, 4 * holder + RR_STEP);
        if (m->keeps_gil) {
            return m->layout.holder;
        }
    }
    (void)rr_walk_try(walk, 4 * thread + RR_STEP);
    return m->waits_on;
}

rr_progress
rr_walk_look(rr_walk *walk, rr_progress progress)
{
    rr_machine *m = walk->m;
    walk->n_choices = 0;
    if (m->w[m->layout.latent] != 0) {
        walk->kinds |= UINT32_C(1) << RR_DANGLING_FREE;
    }
    if (progress == RR_ENDED) {
        walk->kinds |= m->kinds;
    }
    if (progress != RR_RAN) {
        return progress;
    }
    if (find_choices(walk) == RR_GROW) {
        return RR_GROW;
    }
    if (walk->n_choices == 0) {
        walk->kinds |= rr_machine_judge(m);
        return RR_ENDED;
    }
    return RR_RAN;
}

rr_progress
rr_walk_begin(rr_walk *walk)
{
    walk->kinds = 0;
    walk->last = -1;
    walk->n_steps = walk->n_preemptions = 0;
    return rr_walk_look(walk, rr_machine_begin(walk->m));
}

bool
rr_walk_preempts(const rr_walk *walk, int32_t code)
{
    return rr_branch_of_code(code) != RR_DRAIN && walk->last_is_enabled &&
           rr_thread_of_code(code) != walk->last;
}

rr_progress
rr_walk_take(rr_walk *walk, int32_t code)
{
    rr_machine *m = walk->m;
    walk->n_preemptions += rr_walk_preempts(walk, code) +
                           rr_takes_old(rr_branch_of_code(code), code >> RR_CODE_BITS);
    walk->n_steps++;
    m->clock = (uint16_t)(walk->n_steps < UINT16_MAX ? walk->n_steps : UINT16_MAX);
    rr_progress progress = rr_machine_take(m, code);
    if (rr_branch_of_code(code) != RR_DRAIN) {
        walk->last = rr_thread_of_code(code);
    }
    /* Messages that nobody can read any more would pile up. */
    if (progress == RR_RAN && m->is_weak && !rr_normalise_memory(m)) {
        progress = RR_GROW;
    }
    return rr_walk_look(walk, progress);
}
