/* shortest_reduced.c -- the shortest runs of a reduced graph, whose edges cost several
 * steps (E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959).
 *
 * A pair may be in the heap several times; only its first, best visit counts.
 */
#include "base/rr_status.h"
#include "explore/product_graph.h"

typedef struct candidate {
    uint32_t preemptions, steps;
    uint32_t node, parent; /* as in rr_shortest.parent */
} candidate;

static bool
is_less(const candidate *a, const candidate *b)
{
    return a->preemptions != b->preemptions ? a->preemptions < b->preemptions
           : a->steps != b->steps           ? a->steps < b->steps
           : a->node != b->node             ? a->node < b->node
                                            : a->parent < b->parent;
}

static candidate *
heap_at(const rr_shortest *s, uint64_t i)
{
    return rr_pool_at(&s->heap, i);
}

static int
push_candidate(rr_shortest *s, candidate new)
{
    void *place;
    if (rr_pool_add(&s->heap, &place) != RR_OK) {
        return RR_ENOMEM;
    }
    uint64_t i = s->heap.n_items - 1;
    while (i > 0 && is_less(&new, heap_at(s, (i - 1) / 2))) {
        *heap_at(s, i) = *heap_at(s, (i - 1) / 2);
        i = (i - 1) / 2;
    }
    *heap_at(s, i) = new;
    return RR_OK;
}

static candidate
pop_candidate(rr_shortest *s)
{
    candidate least = *heap_at(s, 0), last = *heap_at(s, --s->heap.n_items);
    uint64_t n = s->heap.n_items, i = 0;
    for (uint64_t child = 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && is_less(heap_at(s, child + 1), heap_at(s, child));
        if (!is_less(heap_at(s, child), &last)) {
            break;
        }
        *heap_at(s, i) = *heap_at(s, child);
        i = child;
    }
    if (n > 0) {
        *heap_at(s, i) = last;
    }
    return least;
}

int
rr_shortest_open_reduced(rr_shortest *s)
{
    rr_pool_open(&s->heap, sizeof(candidate), s->g->spill);
    return push_candidate(s, (candidate){0, 0, 0, RR_FIRST_PAIR});
}

static int
visit_reduced(rr_shortest *s, uint32_t node)
{
    const rr_graph *g = s->g;
    uint32_t state = (uint32_t)(node / s->n_threads);
    int last = (int)(node % s->n_threads);
    if (state == s->goal && !s->goal_hit.is_found) {
        s->goal_hit = (rr_hit){true, s->preemptions, s->steps, node, RR_GOAL};
    }
    rr_edges edges = rr_graph_edges(g, state);
    rr_edge edge;
    bool last_is_enabled =
        rr_pair_table_parent(&s->pairs, node) != RR_FIRST_PAIR && rr_is_enabled(s, edges, last);
    for (uint32_t i = 0; rr_next_edge(&edges, &edge); i++) {
        uint32_t target = rr_order_target(s->order, &edge);
        uint32_t steps = s->steps + rr_graph_steps(g, &edge);
        if (edge.thread == RR_NOBODY) {
            rr_shortest_hit(s, target & ~RR_END, s->preemptions, steps, node, i);
            continue;
        }
        uint32_t preemptions =
            s->preemptions + rr_cost_of(s, &edge, last, last_is_enabled);
        uint32_t kinds =
            target & RR_END ? target & ~RR_END : rr_graph_latent(g, target);
        rr_shortest_hit(s, kinds, preemptions, steps, node, i);
        if (target & RR_END) {
            continue;
        }
        uint32_t next = rr_pair(s, target, rr_last_after(s, &edge, last));
        if (rr_pair_table_parent(&s->pairs, next) == 0 &&
            push_candidate(s, (candidate){preemptions, steps, next, node + 1}) != RR_OK) {
            return RR_ENOMEM;
        }
    }
    return RR_OK;
}

int
rr_shortest_advance_reduced(rr_shortest *s, uint32_t n)
{
    for (uint32_t i = 0; i < n && !s->is_done; i++) {
        if (s->heap.n_items == 0) {
            s->is_done = true;
            break;
        }
        candidate next = pop_candidate(s);
        s->preemptions = next.preemptions;
        s->steps = next.steps;
        if (rr_shortest_is_settled(s)) {
            s->is_done = true;
        } else if (rr_pair_table_parent(&s->pairs, next.node) == 0) {
            rr_pair_page *page = rr_pair_table_page(&s->pairs, next.node);
            if (page == NULL) {
                return RR_ENOMEM;
            }
            page->parent[next.node % RR_IN_PAGE] = next.parent;
            if (visit_reduced(s, next.node) != RR_OK) {
                return RR_ENOMEM;
            }
        }
    }
    return RR_OK;
}
