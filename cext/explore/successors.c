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

void
rr_unpack_base(rr_graph *g)
{
    if (!g->has_base) {
        rr_state_store_unpack_from(&g->space, g->source, g->base);
        g->has_base = true;
    }
}

/* ---- steps that the cache remembers ------------------------------------------------- */

/* If something follows when all threads have ended, then whether the run goes on may depend
 * on the others once a thread has ended: what follows may end the run in the same step. */
static bool
may_remember(const rr_graph *g, int thread, int first, int n)
{
    const rr_layout *l = &g->m->layout;
    size_t width = (size_t)g->space.width;
    size_t at = (size_t)(l->threads[thread].base + RR_THREAD_DEPTH) * width;
    bool may = g->phase == RR_GRAPH_OPEN && n - first <= g->cache.n_results;
    for (int i = first; may && l->end_begun >= 0 && i < n; i++) {
        const char *packed = g->packed + (size_t)i * g->stride;
        static const char zero[sizeof(int32_t)];
        may = !g->successors[i].is_end && memcmp(packed + at, zero, width) != 0;
    }
    return may;
}

/* Takes a thread's steps and remembers them. */
static void
take_and_remember(rr_graph *g, int thread, rr_cached_step *entry, int *n)
{
    int first = *n;
    rr_unpack_base(g);
    (void)take_thread(g, thread, 1, n);
    if (!may_remember(g, thread, first, *n)) {
        return;
    }
    rr_step_cache_begin(&g->cache, entry, g->source, thread);
    for (int i = first; i < *n; i++) {
        const struct rr_successor *s = &g->successors[i];
        rr_step_cache_add(&g->cache, entry,
                          s->is_end ? NULL : g->packed + (size_t)i * g->stride,
                          s->edge.target);
    }
}

static void
take_remembered(rr_graph *g, const rr_cached_step *entry, int *n)
{
    int thread = entry->who - 1;
    for (int i = 0; i < entry->n; i++) {
        struct rr_successor *s = &g->successors[*n];
        s->edge = rr_edge_of(thread, i == 0 ? RR_STEP : RR_TAKEN, 0, 1);
        s->is_end = entry->ends >> i & 1;
        if (s->is_end) {
            s->edge.target = entry->target[i];
        }
        else {
            char *packed = g->packed + (size_t)*n * g->stride;
            s->edge.now = (unsigned)thread & 63;
            rr_step_cache_apply(&g->cache, entry, g->source, i, packed);
            s->hash = rr_state_store_hash(&g->space, packed);
            rr_state_store_prefetch(&g->space, s->hash);
        }
        ++*n;
    }
}

/* The same steps in the same order as without a cache, where each thread has its steps and
 * nothing else can happen. */
static int
take_all_cached(rr_graph *g)
{
    int n = 0;
    rr_step_cache_fit(&g->cache, g->taken);
    for (int t = 0; t < g->m->layout.n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        bool is_found = false;
        rr_cached_step *entry =
            g->cache.is_on ? rr_step_cache_look_up(&g->cache, g->source, t, &is_found) : NULL;
        if (is_found) {
            take_remembered(g, entry, &n);
        }
        else if (entry != NULL) {
            take_and_remember(g, t, entry, &n);
        }
        else {
            rr_unpack_base(g);
            (void)take_thread(g, t, 1, &n);
        }
    }
    return n;
}

/* ---- all branches ------------------------------------------------------------------- */

int
rr_take_all(rr_graph *g)
{
    if (g->cache.is_on) {
        return take_all_cached(g);
    }
    rr_unpack_base(g);
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
