/* schedule.c -- from a hit back to its run, and from canonical states to real threads.
 */
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/product_graph.h"

/* The cheapest edge from one pair to another: the fewest preemptions, then steps.  False:
 * there is none. */
static bool
edge_between(const rr_shortest *s, uint32_t node, uint32_t to_node, rr_edge *out)
{
    uint32_t state = (uint32_t)(node / s->n_threads), best_cost = UINT32_MAX;
    int last = (int)(node % s->n_threads);
    rr_edges edges = rr_graph_edges(s->g, state);
    rr_edge edge;
    bool last_is_enabled =
        rr_pair_table_parent(&s->pairs, node) != RR_FIRST_PAIR && rr_is_enabled(s, edges, last);
    while (rr_next_edge(&edges, &edge)) {
        if (edge.target & RR_END) {
            continue;
        }
        uint32_t cost = rr_cost_of(s, &edge, last, last_is_enabled) * 2 * RR_N_CHOICES +
                        rr_graph_steps(s->g, &edge);
        if (cost < best_cost &&
            rr_pair(s, edge.target, rr_last_after(s, &edge, last)) == to_node) {
            *out = edge;
            best_cost = cost;
        }
    }
    return best_cost != UINT32_MAX;
}

/* The edge with a given place among those of a pair's state. */
static bool
edge_at(const rr_shortest *s, uint32_t node, uint32_t place, rr_edge *out)
{
    rr_edges edges = rr_graph_edges(s->g, (uint32_t)(node / s->n_threads));
    bool is_there = rr_next_edge(&edges, out);
    for (; is_there && place > 0; place--) {
        is_there = rr_next_edge(&edges, out);
    }
    return is_there;
}

/* Follows edges in the real program: `now[t]` is the number of thread t in the canonical
 * state. */
typedef struct guide {
    const rr_graph *g;
    int now[RR_MAX_PROGRAM_THREADS + 1];
    int last; /* the real thread that stepped last, -1 for none */
} guide;

static int
guide_begin(const rr_graph *g, guide *out)
{
    *out = (guide){.g = g, .last = -1};
    if (rr_machine_begin(g->m) != RR_RAN) {
        return RR_EBUG;
    }
    rr_canonicalise_all(g->m, &g->symmetry, out->now);
    return RR_OK;
}

/* The real thread that takes an edge: the last one if it can, else the first that can.
 * It changes places with the thread that the edge names, which is identical. */
static int
choose(guide *at, const rr_edge *edge, const int *rank)
{
    const int *class_of = at->g->symmetry.class_of;
    int chosen = -1, n_threads = at->g->m->layout.n_threads;
    for (int t = 0; t < n_threads; t++) {
        int form = at->now[t];
        int distance = rank[form] - rank[edge->thread];
        bool can = class_of[form] == class_of[edge->thread] && distance >= 0 &&
                   distance < (int)edge->many;
        if (can && (chosen < 0 || t == at->last)) {
            chosen = t;
        }
    }
    for (int t = 0; t < n_threads && chosen >= 0; t++) {
        if (at->now[t] == (int)edge->thread) {
            at->now[t] = at->now[chosen];
            at->now[chosen] = (int)edge->thread;
            break;
        }
    }
    return chosen;
}

/* Takes one step of a thread, given by its number in the present form, which it updates. */
static rr_progress
guide_one(guide *at, int *form, rr_branch branch)
{
    rr_machine *m = at->g->m;
    rr_progress progress = rr_machine_step(m, *form, branch);
    if (progress == RR_RAN) {
        int moved[RR_MAX_PROGRAM_THREADS + 1];
        rr_canonicalise_all(m, &at->g->symmetry, moved);
        for (int t = 0; t < m->layout.n_threads; t++) {
            at->now[t] = moved[at->now[t]];
        }
        *form = moved[*form];
    }
    return progress;
}

/* Takes the steps of an edge; `codes` gets the code of each. */
static int
guide_step(guide *at, uint32_t state, const rr_edge *edge, const int *rank,
           int32_t *codes)
{
    const rr_graph *g = at->g;
    int thread = choose(at, edge, rank), form = (int)edge->thread;
    if (thread < 0) {
        return RR_EBUG;
    }
    at->last = edge->branch == RR_DRAIN ? at->last : thread;
    rr_state_store_unpack(&g->space, state, g->m->w);
    uint32_t n = rr_graph_steps(g, edge);
    for (uint32_t i = 0; i < n; i++) {
        rr_branch branch = i + 1 < n ? RR_STEP : (rr_branch)edge->branch;
        g->m->choice = g->is_reduced ? 0 : (int)edge->choice;
        codes[i] = rr_code_of(thread, (int)branch, g->m->choice);
        rr_progress progress = guide_one(at, &form, branch);
        if (progress != RR_RAN && !(progress == RR_ENDED && i + 1 == n)) {
            return RR_EBUG;
        }
    }
    return RR_OK;
}

int
rr_shortest_schedule(const rr_shortest *s, const rr_hit *found, int32_t *codes,
                     int now[RR_MAX_PROGRAM_THREADS + 1])
{
    const rr_graph *g = s->g;
    if (found->edge == RR_NO_EDGE) {
        return RR_OK;
    }
    /* Collect the pairs from the last back to the first, then go forward along them. */
    uint32_t n = 1;
    uint32_t node = (uint32_t)found->node;
    for (; rr_pair_table_parent(&s->pairs, node) != RR_FIRST_PAIR; n++) {
        node = rr_pair_table_parent(&s->pairs, node) - 1;
    }
    uint32_t *nodes = rr_alloc(n, sizeof *nodes);
    if (nodes == NULL) {
        return RR_ENOMEM;
    }
    node = (uint32_t)found->node;
    for (uint32_t i = n; i-- > 0;) {
        nodes[i] = node;
        node = rr_pair_table_parent(&s->pairs, node) - 1;
    }
    guide at;
    int status = guide_begin(g, &at);
    uint32_t n_steps = 0;
    for (uint32_t i = 0; i < n && status == RR_OK; i++) {
        bool is_last = i + 1 == n;
        rr_edge taken;
        if (is_last && found->edge == RR_GOAL) {
            break;
        }
        if (!(is_last ? edge_at(s, nodes[i], found->edge, &taken)
                      : edge_between(s, nodes[i], nodes[i + 1], &taken))) {
            status = RR_EBUG;
        }
        else if (taken.thread != RR_NOBODY) {
            uint32_t state = (uint32_t)(nodes[i] / s->n_threads);
            uint32_t more = rr_graph_steps(g, &taken);
            status = n_steps + more <= found->steps
                         ? guide_step(&at, state, &taken, s->rank, &codes[n_steps])
                         : RR_EBUG;
            n_steps += more;
        }
    }
    rr_free(nodes);
    memcpy(now, at.now, sizeof at.now);
    return status;
}
