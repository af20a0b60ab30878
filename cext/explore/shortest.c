/* shortest.c -- searches in increasing order of preemptions. */
#include "explore/shortest.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/product_graph.h"

/* A pair's parent also says whether the pair is reached or only waiting. */
#define UNSEEN 0u
#define WAITS UINT32_C(0x80000000)

/* FAR: it waits for one more level. */
#define FAR UINT32_C(0x80000000)

typedef struct waiting {
    uint32_t node, steps;
} waiting;

/* ---- the search ----------------------------------------------------------------- */

int
rr_shortest_open(const rr_graph *g, const rr_order *order, uint32_t wanted,
                 uint32_t goal, rr_shortest *out)
{
    rr_shortest *s = out;
    *s = (rr_shortest){
        .g = g,
        .order = order,
        .wanted = wanted,
        .goal = goal,
        .n_threads = (uint64_t)g->m->layout.n_threads,
    };
    rr_pool_open(&s->now, sizeof(uint32_t), g->spill);
    rr_pool_open(&s->next, sizeof(uint32_t), g->spill);
    rr_pool_open(&s->later, sizeof(waiting), g->spill);
    rr_pool_open(&s->heap, 1, g->spill);
    for (int t = 0; t < g->m->layout.n_threads; t++) {
        for (int u = 0; u < t; u++) {
            s->rank[t] += g->symmetry.class_of[u] == g->symmetry.class_of[t];
        }
    }
    uint64_t n = rr_graph_n_states(g) * s->n_threads;
    if (n >= RR_FIRST_PAIR - 1) {
        return RR_ENOMEM;
    }
    void *first;
    rr_pair_page *page = NULL;
    /* Under C11 an edge may cost two levels. */
    if (rr_pair_table_open(&s->pairs, n, g->m->is_weak, g->spill) != RR_OK ||
        (n > 0 && (page = rr_pair_table_page(&s->pairs, 0)) == NULL) ||
        rr_pool_add(&s->now, &first) < 0) {
        rr_shortest_close(s);
        return RR_ENOMEM;
    }
    uint32_t at_once = g->is_over_at_once ? g->at_once : 0;
    bool is_empty = rr_graph_n_states(g) == 0;
    if (!is_empty) {
        at_once = rr_graph_latent(g, 0);
        if (rr_order_marks(order, 0) & RR_MARK_LOST) {
            at_once |= UINT32_C(1) << RR_LIVELOCK;
        }
        page->parent[0] = g->is_reduced ? 0 : RR_FIRST_PAIR;
        if (g->is_reduced && rr_shortest_open_reduced(s) != RR_OK) {
            rr_shortest_close(s);
            return RR_ENOMEM;
        }
    }
    for (int kind = 0; kind < RR_N_FINDINGS; kind++) {
        if (at_once >> kind & 1) {
            s->hits[kind] = (rr_hit){.is_found = true, .edge = RR_NO_EDGE};
        }
    }
    s->is_done =
        is_empty || rr_shortest_is_settled(s) || (rr_order_marks(order, 0) & RR_MARK_LOST);
    return RR_OK;
}

void
rr_shortest_close(rr_shortest *s)
{
    rr_pair_table_close(&s->pairs);
    rr_pool_close(&s->now);
    rr_pool_close(&s->next);
    rr_pool_close(&s->later);
    rr_pool_close(&s->heap);
}

uint64_t
rr_shortest_bytes(const rr_shortest *s)
{
    return rr_pair_table_bytes(&s->pairs) + rr_pool_bytes(&s->now) +
           rr_pool_bytes(&s->next) + rr_pool_bytes(&s->later) + rr_pool_bytes(&s->heap);
}

static int
reach(rr_shortest *s, uint32_t node, uint32_t from, unsigned cost)
{
    void *place;
    rr_pair_page *page = rr_pair_table_page(&s->pairs, node);
    if (page == NULL) {
        return RR_ENOMEM;
    }
    bool is_weak = s->g->m->is_weak;
    uint32_t *parent = &page->parent[node % RR_IN_PAGE];
    bool is_seen = *parent != UNSEEN && !(*parent & WAITS);
    bool waits_far = is_weak && page->is_far[node % RR_IN_PAGE];
    if (is_seen || (cost > 0 && *parent != UNSEEN && (cost == 2 || !waits_far))) {
        return RR_OK;
    }
    if (is_weak) {
        page->is_far[node % RR_IN_PAGE] = cost == 2;
    }
    *parent = (from + 1) | (cost == 0 ? 0 : WAITS);
    if (rr_pool_add(cost == 0 ? &s->next : &s->later, &place) != RR_OK) {
        return RR_ENOMEM;
    }
    if (cost == 0) {
        *(uint32_t *)place = node;
    }
    else {
        *(waiting *)place = (waiting){node, (s->steps + 1) | (cost == 2 ? FAR : 0)};
    }
    return RR_OK;
}

static int
visit(rr_shortest *s, uint32_t node)
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
        if (edge.thread == RR_NOBODY) {
            rr_shortest_hit(s, target & ~RR_END, s->preemptions, s->steps, node, i);
            continue;
        }
        unsigned cost = rr_cost_of(s, &edge, last, last_is_enabled);
        uint32_t kinds =
            target & RR_END ? target & ~RR_END : rr_graph_latent(g, target);
        if (kinds != 0) {
            rr_shortest_hit(s, kinds, s->preemptions + cost, s->steps + 1, node, i);
        }
        if (!(target & RR_END) &&
            reach(s, rr_pair(s, target, rr_last_after(s, &edge, last)), node, cost) != RR_OK) {
            return RR_ENOMEM;
        }
    }
    return RR_OK;
}

static void
next_steps(rr_shortest *s)
{
    rr_pool done = s->now;
    s->now = s->next;
    s->next = done;
    s->next.n_items = 0;
    s->n_taken = 0;
    s->steps++;
}

/* `later` is in the order of steps.  While a level runs, new pairs are added behind; the
 * next level begins with the pairs that were there when it began. */
static int
take_later(rr_shortest *s)
{
    while (s->n_later_taken < s->n_later_level) {
        waiting *w = rr_pool_at(&s->later, s->n_later_taken);
        if ((w->steps & ~FAR) != s->steps) {
            return RR_OK;
        }
        uint32_t node = w->node;
        bool was_far = w->steps & FAR;
        rr_pool_drop(&s->later, ++s->n_later_taken);
        void *place;
        rr_pair_page *page = rr_pair_table_page(&s->pairs, node); /* it was reached */
        uint32_t *parent = &page->parent[node % RR_IN_PAGE];
        if (was_far) {
            if ((*parent & WAITS) && page->is_far[node % RR_IN_PAGE]) {
                page->is_far[node % RR_IN_PAGE] = false;
                if (rr_pool_add(&s->later, &place) != RR_OK) {
                    return RR_ENOMEM;
                }
                *(waiting *)place = (waiting){node, s->steps};
            }
        }
        else if (*parent & WAITS) {
            *parent &= ~WAITS;
            if (rr_pool_add(&s->now, &place) != RR_OK) {
                return RR_ENOMEM;
            }
            *(uint32_t *)place = node;
        }
    }
    return RR_OK;
}

static void
next_level(rr_shortest *s)
{
    s->n_later_level = s->later.n_items;
    s->preemptions++;
    if (s->n_later_taken == s->n_later_level) {
        s->is_done = true;
        return;
    }
    s->steps = ((waiting *)rr_pool_at(&s->later, s->n_later_taken))->steps & ~FAR;
}

int
rr_shortest_advance(rr_shortest *s, uint32_t n)
{
    if (s->g->is_reduced) {
        return rr_shortest_advance_reduced(s, n);
    }
    for (uint32_t i = 0; i < n && !s->is_done; i++) {
        if (s->n_taken < s->now.n_items) {
            uint32_t node = *(uint32_t *)rr_pool_at(&s->now, s->n_taken++);
            if (visit(s, node) != RR_OK) {
                return RR_ENOMEM;
            }
            continue;
        }
        next_steps(s);
        if (s->now.n_items == 0) {
            if (s->n_later_taken == s->n_later_level) {
                next_level(s);
            }
            else {
                s->steps =
                    ((waiting *)rr_pool_at(&s->later, s->n_later_taken))->steps & ~FAR;
            }
        }
        if (!s->is_done && take_later(s) != RR_OK) {
            return RR_ENOMEM;
        }
        s->is_done |= rr_shortest_is_settled(s);
    }
    return RR_OK;
}
