/* graph.c -- expands states, breadth first. */
#include "explore/graph.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum { MAX_SUCCESSORS = RR_N_BRANCHES * (RR_MAX_PROGRAM_THREADS + 1) };
enum { MAX_OUTCOMES = 1 << 12 };

struct rr_successor {
    rr_edge edge; /* target set if the run ends, else when the state is interned */
    uint64_t hash;
    bool is_end;
};

int
rr_graph_outcome(rr_graph *g, uint32_t kinds)
{
    if (g->outcome_of[kinds] == 0) {
        if (g->n_outcomes == MAX_OUTCOMES) {
            return -1;
        }
        g->outcomes[g->n_outcomes++] = kinds;
        g->outcome_of[kinds] = (uint16_t)g->n_outcomes;
    }
    return g->outcome_of[kinds] - 1;
}

uint32_t
rr_graph_latent(const rr_graph *g, uint32_t state)
{
    /* The value fits into the low byte of the word, but big-endian machines store that
     * byte elsewhere, so the word is read as it was written. */
    const char *packed = rr_pool_at(&g->space.states, state);
    int width = g->space.width;
    int32_t word = 0;
    size_t at = (size_t)g->m->layout.latent * (size_t)width;
    for (int i = 0; i < width; i++) {
        word |= packed[at + (size_t)i];
    }
    return word != 0 ? UINT32_C(1) << RR_DANGLING_FREE : 0;
}

uint64_t
rr_graph_bytes(const rr_graph *g)
{
    return rr_state_store_bytes(&g->space) + rr_pool_bytes(&g->edges) +
           rr_pool_bytes(&g->first_edge);
}

/* ---- opening -------------------------------------------------------------------- */

static uint32_t
latent_now(const rr_machine *m)
{
    return m->w[m->layout.latent] != 0 ? UINT32_C(1) << RR_DANGLING_FREE : 0;
}

static void
stop_at(rr_graph *g, int status)
{
    if (status != RR_OK) {
        g->phase = RR_GRAPH_MEMORY;
    }
}

static void
begin(rr_graph *g)
{
    rr_machine *m = g->m;
    rr_progress progress = rr_machine_begin(m);
    switch (progress) {
    case RR_RAN:
        break;
    case RR_ENDED:
        g->is_over_at_once = true;
        g->at_once = m->kinds | latent_now(m);
        g->phase = RR_GRAPH_DONE;
        stop_at(g, rr_graph_outcome(g, g->at_once) < 0 ? RR_ENOMEM : RR_OK);
        return;
    case RR_GROW:
        g->phase = RR_GRAPH_GROW;
        g->grow = m->grow;
        return;
    default:
        g->phase = RR_GRAPH_MISUSE;
        g->misuse = m->misuse;
        g->misuse_thread = -1;
        return;
    }
    int now[RR_MAX_PROGRAM_THREADS + 1];
    rr_canonicalise_all(m, &g->symmetry, now);
    uint32_t state;
    bool is_new;
    if (!rr_state_store_pack(&g->space, m->w, g->packed)) {
        g->phase = RR_GRAPH_GROW;
        g->grow = -1;
        return;
    }
    stop_at(g, rr_state_store_intern(&g->space, g->packed,
                               rr_state_store_hash(&g->space, g->packed), &state, &is_new));
}

/* The shortest runs number pairs of a state and a thread.  The last state that is
 * expanded may raise the number of states above the bound. */
static uint64_t
most_states(const rr_machine *m)
{
    return ((uint64_t)RR_MAX_STATES - 2) / (uint64_t)m->layout.n_threads - MAX_SUCCESSORS;
}

int
rr_graph_open(rr_machine *m, int width, bool use_symmetry, uint64_t max_states,
              uint64_t max_bytes, rr_graph *out)
{
    rr_graph *g = out;
    *g = (rr_graph){
        .m = m,
        .max_states = max_states < most_states(m) ? max_states : most_states(m),
        .max_bytes = max_bytes,
    };
    rr_pool_open(&g->edges, sizeof(rr_edge));
    rr_pool_open(&g->first_edge, sizeof(uint32_t));
    int status = rr_state_store_open(&g->space, m->layout.n_words, width);
    g->outcome_of = rr_alloc((size_t)1 << RR_N_FINDINGS, sizeof *g->outcome_of);
    g->outcomes = rr_alloc(MAX_OUTCOMES, sizeof *g->outcomes);
    g->base = rr_alloc((size_t)m->layout.n_words, sizeof *g->base);
    g->packed = rr_alloc(MAX_SUCCESSORS, g->space.state_bytes);
    g->successors = rr_alloc(MAX_SUCCESSORS, sizeof *g->successors);
    if (status != RR_OK || g->outcome_of == NULL || g->outcomes == NULL ||
        g->base == NULL || g->packed == NULL || g->successors == NULL) {
        rr_graph_close(g);
        return RR_ENOMEM;
    }
    /* The classes are those of the first state before it is canonicalised. */
    if (rr_machine_begin(m) == RR_RAN) {
        rr_symmetry_of(m, use_symmetry, &g->symmetry);
    }
    begin(g);
    return RR_OK;
}

void
rr_graph_close(rr_graph *g)
{
    rr_state_store_close(&g->space);
    rr_pool_close(&g->edges);
    rr_pool_close(&g->first_edge);
    rr_free(g->outcome_of);
    rr_free(g->outcomes);
    rr_free(g->base);
    rr_free(g->packed);
    rr_free(g->successors);
    *g = (rr_graph){.phase = RR_GRAPH_MEMORY};
}

/* ---- expanding ------------------------------------------------------------------ */

/* Takes one branch from the state in g->base and records where it leads.  False: there is
 * no such branch, or the search is over. */
static bool
take(rr_graph *g, int thread, rr_branch branch, int many, int *n)
{
    rr_machine *m = g->m;
    memcpy(m->w, g->base, (size_t)m->layout.n_words * sizeof *m->w);
    rr_progress progress = rr_machine_step(m, thread, branch);
    struct rr_successor *s = &g->successors[*n];
    s->edge = (rr_edge){0, (uint8_t)thread, (uint8_t)branch, (uint8_t)many, 0};
    s->is_end = progress == RR_ENDED;
    switch (progress) {
    case RR_RAN:
        break;
    case RR_ENDED: {
        uint32_t kinds = m->kinds | latent_now(m);
        s->edge.target = RR_END | kinds;
        ++*n;
        stop_at(g, rr_graph_outcome(g, kinds) < 0 ? RR_ENOMEM : RR_OK);
        return true;
    }
    case RR_MISUSED:
        g->phase = RR_GRAPH_MISUSE;
        g->misuse = m->misuse;
        g->misuse_state = g->n_expanded;
        g->misuse_thread = thread;
        g->misuse_branch = (int)branch;
        return false;
    case RR_GROW:
        g->phase = RR_GRAPH_GROW;
        g->grow = m->grow;
        return false;
    default:
        return false;
    }
    s->edge.now = (uint8_t)rr_canonicalise(m, &g->symmetry, thread);
    char *packed = g->packed + (size_t)*n * g->space.state_bytes;
    if (!rr_state_store_pack(&g->space, m->w, packed)) {
        g->phase = RR_GRAPH_GROW;
        g->grow = -1;
        return false;
    }
    s->hash = rr_state_store_hash(&g->space, packed);
    rr_state_store_prefetch(&g->space, s->hash);
    ++*n;
    return true;
}

/* Takes a thread's step, and the other branch of a `maybe`.  True if it was enabled. */
static bool
take_thread(rr_graph *g, int thread, int many, int *n)
{
    if (!take(g, thread, RR_STEP, many, n)) {
        return false;
    }
    if (g->m->seen.instr != NULL && g->m->seen.instr->op == RR_OP_MAYBE) {
        (void)take(g, thread, RR_TAKEN, many, n);
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

static int
take_all(rr_graph *g)
{
    rr_machine *m = g->m;
    const rr_layout *l = &m->layout;
    int n = 0;
    int holder = l->holder >= 0 ? g->base[l->holder] - 1 : -1;
    /* With the GIL held only detached threads run besides, and nothing is buffered. */
    bool is_held = holder >= 0 && take_thread(g, holder, 1, &n);
    bool is_covered[RR_MAX_PROGRAM_THREADS + 1] = {false};
    for (int t = 0; t < l->n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        if (is_covered[t] || g->base[l->threads[t].base + RR_THREAD_DEPTH] == 0) {
            continue;
        }
        if (is_held && (t == holder || !runs_beside(g, t))) {
            continue;
        }
        int many = rr_alike(m, &g->symmetry, g->base, t);
        for (int u = t, left = many; left > 0; u++) {
            if (g->symmetry.class_of[u] == g->symmetry.class_of[t]) {
                is_covered[u] = true;
                left--;
            }
        }
        (void)take_thread(g, t, many, &n);
    }
    for (int t = 0; t < m->program->n_threads && g->phase == RR_GRAPH_OPEN; t++) {
        int32_t buffer = l->threads[t].buffer;
        if (buffer >= 0 && g->base[buffer] > 0) {
            (void)take(g, t, RR_DRAIN, 1, &n);
        }
    }
    return n;
}

static int
add_edge(rr_graph *g, const rr_edge *edge)
{
    void *place;
    if (g->edges.n_items >= UINT32_MAX) {
        return RR_ENOMEM;
    }
    int status = rr_pool_add(&g->edges, &place);
    if (status == RR_OK) {
        *(rr_edge *)place = *edge;
    }
    return status;
}

/* Nothing can happen any more: the run ends here, with the final checks. */
static void
end_here(rr_graph *g)
{
    memcpy(g->m->w, g->base, (size_t)g->m->layout.n_words * sizeof *g->base);
    uint32_t kinds = rr_machine_judge(g->m) | latent_now(g->m);
    rr_edge edge = {RR_END | kinds, RR_NOBODY, RR_STEP, 1, 0};
    stop_at(g, rr_graph_outcome(g, kinds) < 0 ? RR_ENOMEM : add_edge(g, &edge));
}

static int
set_first_edge(rr_graph *g, uint32_t state, uint32_t edge)
{
    int status = rr_pool_resize(&g->first_edge, (uint64_t)state + 1);
    if (status == RR_OK) {
        *(uint32_t *)rr_pool_at(&g->first_edge, state) = edge;
    }
    return status;
}

static void
expand_one(rr_graph *g)
{
    uint32_t state = g->n_expanded;
    uint32_t first = (uint32_t)g->edges.n_items;
    rr_state_store_unpack(&g->space, state, g->base);
    int n = take_all(g);
    if (g->phase != RR_GRAPH_OPEN) {
        return;
    }
    if (n == 0) {
        end_here(g);
    }
    for (int i = 0; i < n && g->phase == RR_GRAPH_OPEN; i++) {
        struct rr_successor *s = &g->successors[i];
        if (!s->is_end) {
            bool is_new;
            stop_at(g, rr_state_store_intern(&g->space,
                                       g->packed + (size_t)i * g->space.state_bytes,
                                       s->hash, &s->edge.target, &is_new));
            g->has_back_edge |= s->edge.target <= state;
        }
        if (g->phase == RR_GRAPH_OPEN) {
            stop_at(g, add_edge(g, &s->edge));
        }
    }
    if (g->phase == RR_GRAPH_OPEN) {
        stop_at(g, set_first_edge(g, state, first));
    }
    if (g->phase == RR_GRAPH_OPEN) {
        stop_at(g, set_first_edge(g, state + 1, (uint32_t)g->edges.n_items));
    }
    if (g->phase == RR_GRAPH_OPEN) {
        g->n_transitions += (uint64_t)n;
        g->n_expanded++;
    }
    else {
        g->edges.n_items = first; /* as if the state had not been expanded */
    }
}

void
rr_graph_expand(rr_graph *g, uint32_t n)
{
    for (uint32_t i = 0; i < n && g->phase == RR_GRAPH_OPEN; i++) {
        if (g->is_over_at_once || g->n_expanded == rr_graph_n_states(g)) {
            g->phase = RR_GRAPH_DONE;
        }
        else if (rr_graph_n_states(g) > g->max_states) {
            g->phase = RR_GRAPH_FULL;
        }
        else if (rr_graph_bytes(g) > g->max_bytes) {
            g->phase = RR_GRAPH_MEMORY;
        }
        else {
            expand_one(g);
        }
    }
}
