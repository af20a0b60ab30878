/* same_search.h -- runs a search to its end, and compares two of them to the last number. */
#ifndef RR_SAME_SEARCH_H
#define RR_SAME_SEARCH_H

#include <string.h>

#include "base/rr_status.h"
#include "explore/search.h"

static inline int
search(const rr_search_config *config, rr_thread_starter starter, rr_search **out)
{
    int status = rr_search_open(config, out);
    if (status != RR_OK) {
        return status;
    }
    (*out)->starter = starter;
    while (status == RR_OK && (*out)->phase != RR_SEARCH_DONE) {
        status = rr_search_advance(*out);
    }
    if (status != RR_OK) {
        rr_search_close(*out);
    }
    return status;
}

static inline bool
has_same_states(const rr_graph *a, const rr_graph *b)
{
    uint32_t n = rr_graph_n_states(a);
    bool is_same = n == rr_graph_n_states(b) && a->space.state_bytes == b->space.state_bytes;
    for (uint32_t i = 0; i < n && is_same; i++) {
        is_same = memcmp(rr_pool_at(&a->space.states, i), rr_pool_at(&b->space.states, i),
                         a->space.state_bytes) == 0;
    }
    return is_same;
}

static inline bool
has_same_edges(const rr_graph *a, const rr_graph *b)
{
    bool is_same = a->n_expanded == b->n_expanded;
    for (uint32_t i = 0; i < a->n_expanded && is_same; i++) {
        rr_edges x = rr_graph_edges(a, i), y = rr_graph_edges(b, i);
        is_same = x.end - x.at == y.end - y.at && x.next == y.next &&
                  memcmp(x.at, y.at, (size_t)(x.end - x.at)) == 0;
    }
    return is_same && memcmp(a->edges.labels, b->edges.labels, sizeof a->edges.labels) == 0;
}

static inline bool
has_same_end(const rr_search *a, const rr_search *b)
{
    const rr_graph *g = &a->graph, *h = &b->graph;
    bool is_same = a->limit == b->limit && g->phase == h->phase &&
                   g->n_transitions == h->n_transitions &&
                   g->has_back_edge == h->has_back_edge && g->max_degree == h->max_degree &&
                   g->n_outcomes == h->n_outcomes &&
                   memcmp(g->outcomes, h->outcomes,
                          (size_t)g->n_outcomes * sizeof *g->outcomes) == 0;
    for (int i = 0; i < RR_N_FINDINGS; i++) {
        const rr_hit *x = &a->shortest.hits[i], *y = &b->shortest.hits[i];
        is_same = is_same && x->is_found == y->is_found && x->steps == y->steps &&
                  x->preemptions == y->preemptions && x->node == y->node &&
                  x->edge == y->edge;
    }
    return is_same;
}

#endif
