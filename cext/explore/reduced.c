/* reduced.c -- takes a thread's own steps together with the step that follows them. */
#include "explore/reduced.h"

#include <string.h>

#include "explore/successors.h"

static size_t
state_bytes(const rr_graph *g)
{
    return (size_t)g->m->layout.n_words * sizeof *g->base;
}

static bool
is_at_rest(rr_progress progress)
{
    return progress == RR_WAITS || progress == RR_NOTHING;
}

/* Goes back to the state before the last step. */
static void
step_back(rr_graph *g)
{
    memcpy(g->m->w, g->before, state_bytes(g));
}

static rr_progress
step_on(rr_graph *g, int thread, rr_branch branch)
{
    memcpy(g->before, g->m->w, state_bytes(g));
    return rr_machine_step(g->m, thread, branch);
}

/* Each own step ends in canonical form, as it would in the whole graph: otherwise objects
 * that nothing refers to any more would take up room, and a schedule, which is replayed
 * step by step, would meet other numbers. */
bool
rr_take_reduced(rr_graph *g, int thread, int many, int *n)
{
    rr_machine *m = g->m;
    int now = thread, k = 0;
    rr_progress progress;
    memcpy(m->w, g->base, state_bytes(g));
    m->choice = 0;
    for (;; k++) {
        bool is_own = k < RR_MOST_OWN_STEPS && rr_is_own_step(&g->own, m, now);
        progress = step_on(g, now, RR_STEP);
        if (!is_own || progress != RR_RAN || !rr_own_step_passed(m, now, g->before)) {
            break;
        }
        now = rr_canonicalise(m, &g->symmetry, now);
    }
    if (is_at_rest(progress)) {
        step_back(g);
        rr_edge edge = rr_edge_of(thread, RR_STEP, k, many);
        edge.is_own = true;
        return k > 0 && rr_add_successor(g, edge, now, RR_RAN, n);
    }
    bool is_maybe = m->seen.instr != NULL && m->seen.instr->op == RR_OP_MAYBE;
    if (!rr_add_successor(g, rr_edge_of(thread, RR_STEP, k, many), now, progress, n)) {
        return false;
    }
    if (is_maybe) {
        step_back(g);
        progress = step_on(g, now, RR_TAKEN);
        (void)rr_add_successor(g, rr_edge_of(thread, RR_TAKEN, k, many), now, progress, n);
    }
    return true;
}
