/* walk.c -- finds the choices of a state by trying them. */
#include "explore/walk.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

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
    rr_progress progress = rr_machine_step(m, code / 4, (rr_branch)(code % 4));
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
add_thread(rr_walk *walk, int thread)
{
    rr_progress progress = rr_walk_try(walk, 4 * thread + RR_STEP);
    if (is_possible(progress)) {
        walk->last_is_enabled |= thread == walk->last;
        walk->choices[walk->n_choices++] = 4 * thread + RR_STEP;
        if (rr_machine_is_at_maybe(walk->m, thread)) {
            walk->choices[walk->n_choices++] = 4 * thread + RR_TAKEN;
        }
    }
    return progress;
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
        is_held = is_possible(progress);
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
    return RR_RAN;
}

/* After a step or at the beginning: finds what can happen now, or how the run has
 * ended. */
static rr_progress
look(rr_walk *walk, rr_progress progress)
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
    return look(walk, rr_machine_begin(walk->m));
}

bool
rr_walk_preempts(const rr_walk *walk, int32_t code)
{
    return code % 4 != RR_DRAIN && walk->last_is_enabled && code / 4 != walk->last;
}

rr_progress
rr_walk_take(rr_walk *walk, int32_t code)
{
    walk->n_preemptions += rr_walk_preempts(walk, code);
    walk->n_steps++;
    rr_progress progress =
        rr_machine_step(walk->m, code / 4, (rr_branch)(code % 4));
    walk->last = code % 4 == RR_DRAIN ? walk->last : code / 4;
    return look(walk, progress);
}
