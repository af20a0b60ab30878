/* graph.c -- expands states, breadth first. */
#include "explore/graph.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/memory_pack.h"
#include "explore/successors.h"

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
    return rr_state_store_bytes(&g->space) + rr_edge_store_bytes(&g->edges);
}

/* ---- opening -------------------------------------------------------------------- */

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
        g->at_once = m->kinds | rr_latent_now(m);
        g->phase = RR_GRAPH_DONE;
        rr_stop_at(g, rr_graph_outcome(g, g->at_once) < 0 ? RR_ENOMEM : RR_OK);
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
    if (!rr_fits_memory(g, g->packed)) {
        return;
    }
    rr_stop_at(g, rr_state_store_intern(&g->space, g->packed,
                               rr_state_store_hash(&g->space, g->packed), &state, &is_new));
}

/* The shortest runs number pairs of a state and a thread.  The last state that is
 * expanded may raise the number of states above the bound. */
static uint64_t
most_states(const rr_machine *m)
{
    return ((uint64_t)RR_MAX_STATES - 2) / (uint64_t)m->layout.n_threads - (m->is_weak ? RR_MOST_CHOICES : RR_MAX_SUCCESSORS);
}

static int
open_empty(rr_machine *m, int width, bool use_symmetry, bool is_reduced, rr_spill *spill,
           rr_graph *out)
{
    rr_graph *g = out;
    *g = (rr_graph){.m = m, .spill = spill, .own = {.is_off = true}};
    rr_edge_store_open(&g->edges, spill);
    const rr_shape *shape = m->is_weak ? &m->shape : NULL;
    int status = rr_state_store_open(&g->space, m->layout.n_row, width, shape, spill);
    g->max_successors = m->is_weak ? RR_MOST_CHOICES : RR_MAX_SUCCESSORS;
    g->stride = g->space.state_bytes + (m->is_weak ? (rr_memory_bytes(shape) + 7) / 8 * 8 : 0);
    g->outcome_at = rr_alloc(RR_OUTCOME_SLOTS, sizeof *g->outcome_at);
    g->outcomes = rr_alloc(RR_MAX_OUTCOMES, sizeof *g->outcomes);
    g->has_degree = rr_alloc(RR_MAX_DEGREE + 1, sizeof *g->has_degree);
    g->base = rr_alloc((size_t)m->layout.n_words, sizeof *g->base);
    g->most_ahead = m->is_weak ? 1 : RR_MOST_AHEAD; /* under C11 states get longer */
    size_t n_successors = (size_t)(g->max_successors * g->most_ahead);
    /* Under C11 a step has up to RR_MOST_CHOICES branches, but hardly ever more than ten. */
    g->packed = g->all_packed = rr_alloc_room(n_successors, g->stride);
    g->successors = g->all_successors = rr_alloc_room(n_successors, sizeof *g->successors);
    if (status == RR_OK && is_reduced) {
        status = rr_own_open(m, &g->own);
        g->is_reduced = !g->own.is_off;
        g->before = rr_alloc((size_t)m->layout.n_words, sizeof *g->before);
        status = g->before == NULL ? RR_ENOMEM : status;
    }
    if (status != RR_OK || g->outcome_at == NULL || g->outcomes == NULL ||
        g->has_degree == NULL || g->base == NULL || g->packed == NULL || g->successors == NULL) {
        rr_graph_close(g);
        return RR_ENOMEM;
    }
    /* The classes are those of the first state before it is canonicalised. */
    if (rr_machine_begin(m) == RR_RAN) {
        rr_symmetry_of(m, use_symmetry, &g->symmetry);
    }
    if (rr_symmetry_open(m, &g->symmetry) != RR_OK ||
        (!is_reduced &&
         rr_step_cache_open(m, &g->symmetry, &g->space, &g->cache) != RR_OK)) {
        rr_graph_close(g);
        return RR_ENOMEM;
    }
    return RR_OK;
}

int
rr_graph_open(rr_machine *m, int width, bool use_symmetry, bool is_reduced,
              uint64_t max_states, uint64_t max_bytes, rr_spill *spill, rr_graph *out)
{
    int status = open_empty(m, width, use_symmetry, is_reduced, spill, out);
    if (status == RR_OK) {
        out->max_states = max_states < most_states(m) ? max_states : most_states(m);
        out->max_bytes = max_bytes;
        begin(out);
    }
    return status;
}

int
rr_graph_open_beside(const rr_graph *other, rr_machine *m, bool use_symmetry,
                     rr_graph *out)
{
    return open_empty(m, other->space.width, use_symmetry, other->is_reduced, NULL, out);
}

void
rr_graph_close(rr_graph *g)
{
    rr_state_store_close(&g->space);
    rr_edge_store_close(&g->edges);
    rr_free(g->outcome_at);
    rr_free(g->outcomes);
    rr_free(g->has_degree);
    rr_free(g->base);
    rr_free(g->all_packed);
    rr_free(g->all_successors);
    rr_free(g->before);
    rr_own_close(&g->own);
    rr_step_cache_close(&g->cache);
    rr_symmetry_close(&g->symmetry);
    *g = (rr_graph){.phase = RR_GRAPH_MEMORY};
}

/* ---- expanding ------------------------------------------------------------------ */

/* ---- ahead ---------------------------------------------------------------------- */

/* Goes to a place in the ring of states that are expanded ahead. */
static rr_ahead *
turn_to(rr_graph *g, int i)
{
    int place = (g->first_ahead + i) % g->most_ahead;
    size_t first = (size_t)place * (size_t)g->max_successors;
    g->packed = g->all_packed + first * g->stride;
    g->successors = g->all_successors + first;
    return &g->ahead[place];
}

/* Nothing can happen any more: the run ends here, with the final checks. */
static void
end_here(rr_graph *g, rr_ahead *batch)
{
    rr_unpack_base(g);
    memcpy(g->m->w, g->base, (size_t)g->m->layout.n_words * sizeof *g->base);
    g->successors[0] = (struct rr_successor){
        .edge = rr_edge_of(RR_NOBODY, RR_STEP, 0, 1),
        .is_end = true,
    };
    g->successors[0].edge.target = RR_END | rr_machine_judge(g->m) | rr_latent_now(g->m);
    *batch = (rr_ahead){.n = 1, .is_end = true};
}

void
rr_expand_state(rr_graph *g, const char *packed, rr_ahead *batch)
{
    *batch = (rr_ahead){0};
    g->source = packed;
    g->has_base = false;
    do { /* again, if states have become longer meanwhile */
        g->is_widened = false;
        batch->n = rr_take_all(g);
    } while (g->is_widened && g->phase == RR_GRAPH_OPEN);
    batch->phase = g->phase;
    g->phase = RR_GRAPH_OPEN;
    if (batch->phase == RR_GRAPH_OPEN && batch->n == 0) {
        end_here(g, batch);
    }
}

static void
expand_ahead(rr_graph *g)
{
    rr_ahead *batch = turn_to(g, g->n_ahead);
    g->taken = g->n_expanded + (uint32_t)g->n_ahead;
    rr_expand_state(g, rr_pool_at(&g->space.states, g->taken), batch);
    g->is_stopped = batch->phase != RR_GRAPH_OPEN;
    g->n_ahead++;
}

void
rr_forget_ahead(rr_graph *g)
{
    g->n_ahead = 0;
    g->is_stopped = false;
}

/* The places in the table have arrived: fetch the states that they name. */
static void
fetch_states(rr_graph *g, int i)
{
    const rr_ahead *batch = turn_to(g, i);
    for (int k = 0; k < batch->n; k++) {
        if (!g->successors[k].is_end) {
            rr_state_store_prefetch_state(&g->space, g->successors[k].hash);
        }
    }
}

static void
add_target(rr_graph *g, int i)
{
    struct rr_successor *s = &g->successors[i];
    if (s->is_end) {
        int outcome = rr_graph_outcome(g, s->edge.target & ~RR_END);
        rr_stop_at(g, outcome < 0 ? RR_ENOMEM : RR_OK);
        return;
    }
    bool is_new;
    rr_stop_at(g, rr_state_store_intern(&g->space, g->packed + (size_t)i * g->stride, s->hash,
                                        &s->edge.target, &is_new));
    g->has_back_edge |= s->edge.target <= g->n_expanded;
}

void
rr_add_expanded(rr_graph *g, const rr_ahead *batch)
{
    uint32_t n_before = rr_graph_n_states(g);
    unsigned n_branches = 0;
    g->phase = batch->phase;
    for (int i = 0; i < batch->n && g->phase == RR_GRAPH_OPEN; i++) {
        n_branches += g->successors[i].edge.many;
        add_target(g, i);
    }
    if (g->phase == RR_GRAPH_OPEN) {
        rr_stop_at(g, rr_edge_store_add(&g->edges, (const char *)&g->successors[0].edge,
                                        sizeof *g->successors, batch->n, n_before));
    }
    if (g->phase != RR_GRAPH_OPEN) {
        return; /* as if the state had not been expanded */
    }
    if (!batch->is_end) {
        g->n_transitions += (uint64_t)batch->n;
        g->max_degree = n_branches > g->max_degree ? n_branches : g->max_degree;
        g->has_degree[n_branches] = true;
    }
    g->n_expanded++;
}

/* Adds the successors of the first state that was expanded ahead. */
static void
add_first(rr_graph *g)
{
    rr_add_expanded(g, turn_to(g, 0));
    if (g->phase == RR_GRAPH_OPEN) {
        g->first_ahead = (g->first_ahead + 1) % g->most_ahead;
        g->n_ahead--;
    }
}

static void
expand_one(rr_graph *g)
{
    while (g->n_ahead < g->most_ahead && !g->is_stopped &&
           g->n_expanded + (uint32_t)g->n_ahead < rr_graph_n_states(g)) {
        expand_ahead(g);
    }
    if (g->n_ahead > 1) {
        fetch_states(g, 1);
    }
    add_first(g);
}

bool
rr_may_expand(rr_graph *g)
{
    if (g->is_over_at_once || g->n_expanded == rr_graph_n_states(g)) {
        g->phase = RR_GRAPH_DONE;
    }
    else if (rr_graph_n_states(g) > g->max_states) {
        g->phase = RR_GRAPH_FULL;
    }
    else if (g->spill == NULL && rr_graph_bytes(g) > g->max_bytes) {
        g->phase = RR_GRAPH_MEMORY;
    }
    return g->phase == RR_GRAPH_OPEN;
}

void
rr_graph_expand(rr_graph *g, uint32_t n)
{
    for (uint32_t i = 0; i < n && g->phase == RR_GRAPH_OPEN && rr_may_expand(g); i++) {
        expand_one(g);
    }
}
