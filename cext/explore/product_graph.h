/* product_graph.h -- pairs of a state and the thread that stepped last, and their edges.
 *
 * For shortest.c, shortest_reduced.c and schedule.c only.
 */
#ifndef RR_PRODUCT_GRAPH_H
#define RR_PRODUCT_GRAPH_H

#include "explore/shortest.h"

/* A pair's `parent` is the previous pair's number + 1, or 0 if it was not reached. */
#define RR_FIRST_PAIR UINT32_C(0x7fffffff) /* the parent of the first pair */

static inline uint32_t
rr_pair(const rr_shortest *s, uint32_t state, int last)
{
    return (uint32_t)(state * s->n_threads + (uint64_t)last);
}

static inline bool
rr_covers(const rr_shortest *s, const rr_edge *edge, int thread)
{
    const int *class_of = s->g->symmetry.class_of;
    int distance = s->rank[thread] - s->rank[edge->thread];
    return class_of[thread] == class_of[edge->thread] && distance >= 0 &&
           distance < (int)edge->many;
}

static inline bool
rr_is_step(const rr_edge *edge)
{
    return edge->thread != RR_NOBODY && edge->branch != RR_DRAIN;
}

static inline bool
rr_is_enabled(const rr_shortest *s, rr_edges edges, int thread)
{
    rr_edge edge;
    while (rr_next_edge(&edges, &edge)) {
        /* An interrupt may come where its thread waits. */
        if (rr_is_step(&edge) && edge.branch != RR_INTERRUPT &&
            rr_covers(s, &edge, thread)) {
            return true;
        }
    }
    return false;
}

/* A drain does not change which thread stepped last, but the drained thread may have
 * changed places with identical ones. */
static inline int
rr_last_after(const rr_shortest *s, const rr_edge *edge, int last)
{
    const int *class_of = s->g->symmetry.class_of;
    if (rr_is_step(edge) || last == (int)edge->thread) {
        return (int)edge->now;
    }
    if (class_of[last] != class_of[edge->thread]) {
        return last;
    }
    int from = s->rank[edge->thread], to = s->rank[edge->now], at = s->rank[last];
    at += at > from && at <= to ? -1 : at < from && at >= to ? 1 : 0;
    int thread = class_of[last];
    while (class_of[thread] != class_of[last] || s->rank[thread] != at) {
        thread++;
    }
    return thread;
}

/* How many departures: a preemption, and a step that takes any message but the newest. */
static inline unsigned
rr_cost_of(const rr_shortest *s, const rr_edge *edge, int last, bool last_is_enabled)
{
    unsigned preempts = rr_is_step(edge) && last_is_enabled && !rr_covers(s, edge, last);
    return preempts + (s->g->m->is_weak && edge->choice != 0);
}

/* Notes a run to some kinds, if it is better than the one that is known. */
static inline void
rr_shortest_hit(rr_shortest *s, uint32_t kinds, uint32_t preemptions, uint32_t steps,
                uint32_t node, uint32_t edge)
{
    for (int kind = 0; kind < RR_N_FINDINGS; kind++) {
        rr_hit *best = &s->hits[kind];
        bool is_better = !best->is_found || preemptions < best->preemptions ||
                         (preemptions == best->preemptions && steps < best->steps);
        if ((kinds >> kind & 1) && is_better) {
            *best = (rr_hit){true, preemptions, steps, node, edge};
        }
    }
}

/* No later (preemptions, steps) can be better. */
static inline bool
rr_shortest_is_settled(const rr_shortest *s)
{
    for (int kind = 0; kind < RR_N_FINDINGS; kind++) {
        const rr_hit *best = &s->hits[kind];
        if ((s->wanted >> kind & 1) &&
            (!best->is_found || best->preemptions > s->preemptions ||
             (best->preemptions == s->preemptions && best->steps > s->steps))) {
            return false;
        }
    }
    return s->goal == RR_END || s->goal_hit.is_found;
}

/* shortest_reduced.c: the search in a reduced graph. */
int rr_shortest_open_reduced(rr_shortest *s);
int rr_shortest_advance_reduced(rr_shortest *s, uint32_t n);

#endif
