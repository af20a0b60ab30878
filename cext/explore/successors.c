/* successors.c -- takes every branch of a state. */
#include "explore/successors.h"

#include <string.h>

#include "explore/reduced.h"

/* Takes one branch from the state in g->base. */
static bool
take(rr_graph *g, int thread, rr_branch branch, int choice, int many, int *n)
{
    rr_machine *m = g->m;
    memcpy(m->w, g->base, (size_t)m->layout.n_words * sizeof *m->w);
    m->choice = choice;
    rr_progress progress = rr_machine_step(m, thread, branch);
    return rr_add_successor(g, rr_edge_of(thread, branch, choice, many), thread, progress,
                            n);
}

/* Under C11: takes a step once for each other message that its accesses may take.  Which
 * messages the second may take depends on the first. */
static void
take_choices(rr_graph *g, int thread, int many, int *n)
{
    int n_first = g->m->n_options[0], n_second = g->m->n_options[1];
    for (int first = 0; first < n_first && g->phase == RR_GRAPH_OPEN; first++) {
        if (first > 0) {
            (void)take(g, thread, RR_STEP, first, many, n);
            n_second = g->m->n_options[1];
        }
        for (int second = 1; second < n_second && g->phase == RR_GRAPH_OPEN; second++) {
            (void)take(g, thread, RR_STEP, first | second << RR_PICK_BITS, many, n);
        }
    }
}

/* Takes a thread's step, and the other branch of a `maybe`.  True if it was enabled: under
 * C11 a step that waits with the newest message may be possible with another. */
static bool
take_thread(rr_graph *g, int thread, int many, int *n)
{
    if (g->is_reduced) {
        return rr_take_reduced(g, thread, many, n);
    }
    int n_before = *n;
    bool is_enabled = take(g, thread, RR_STEP, 0, many, n);
    if (g->m->is_weak && g->phase == RR_GRAPH_OPEN) {
        bool is_maybe = g->m->seen.instr != NULL && g->m->seen.instr->op == RR_OP_MAYBE;
        if (!is_maybe) {
            take_choices(g, thread, many, n);
            return *n > n_before;
        }
    }
    if (!is_enabled) {
        return false;
    }
    if (g->m->seen.instr != NULL && g->m->seen.instr->op == RR_OP_MAYBE) {
        (void)take(g, thread, RR_TAKEN, 0, many, n);
    }
    return true;
}

static bool
runs_beside(const rr_graph *g, int thread)
{
    rr_machine *m = g->m;
    int32_t word = m->layout.threads[thread].attachment;
    if (word < 0 || g->base[word] == RR_ATTACHED) {
        return false;
    }
    memcpy(m->w, g->base, (size_t)m->layout.n_words * sizeof *m->w);
    return rr_machine_runs_beside(m, thread);
}

/* How many threads are alike from this one on; notes them as covered by it. */
static int
cover(const rr_graph *g, int thread, bool *is_covered)
{
    int many = rr_alike(g->m, &g->symmetry, g->base, thread);
    for (int u = thread, left = many; left > 0; u++) {
        if (g->symmetry.class_of[u] == g->symmetry.class_of[thread]) {
            is_covered[u] = true;
            left--;
        }
    }
    return many;
}

/* Takes the interrupts that may come.  only: the thread that has the GIL and goes on with
 * it; -1: any. */
static void
take_interrupts(rr_graph *g, int only, int *n)
{
    rr_machine *m = g->m;
    bool is_covered[RR_MAX_PROGRAM_THREADS + 1] = {false};
    for (int t = 0; t < m->program->n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        if (m->layout.threads[t].interrupts < 0 || is_covered[t] ||
            (only >= 0 && t != only)) {
            continue;
        }
        int many = only >= 0 ? 1 : cover(g, t, is_covered);
        for (int i = 0; i < m->layout.threads[t].n_interrupts; i++) {
            memcpy(m->w, g->base, (size_t)m->layout.n_words * sizeof *m->w);
            if (rr_machine_can_interrupt(m, t, i)) {
                (void)take(g, t, RR_INTERRUPT, i, many, n);
            }
        }
    }
}

int
rr_take_all(rr_graph *g)
{
    rr_machine *m = g->m;
    const rr_layout *l = &m->layout;
    int n = 0;
    int holder = l->holder >= 0 ? g->base[l->holder] - 1 : -1;
    /* With the GIL held only detached threads run besides, and nothing is buffered. */
    bool is_held = holder >= 0 && (take_thread(g, holder, 1, &n) || m->keeps_gil);
    bool is_covered[RR_MAX_PROGRAM_THREADS + 1] = {false};
    for (int t = 0; t < l->n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        if (is_covered[t] || g->base[l->threads[t].base + RR_THREAD_DEPTH] == 0) {
            continue;
        }
        if (is_held && (t == holder || !runs_beside(g, t))) {
            continue;
        }
        (void)take_thread(g, t, cover(g, t, is_covered), &n);
    }
    for (int t = 0; t < m->program->n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        int32_t buffer = l->threads[t].buffer;
        if (buffer >= 0 && g->base[buffer] > 0) {
            (void)take(g, t, RR_DRAIN, 0, 1, &n);
        }
    }
    /* Where nothing else can happen the run is over: an interrupt need not come. */
    if (m->program->n_interrupts > 0 && n > 0) {
        take_interrupts(g, is_held ? holder : -1, &n);
    }
    return n;
}
