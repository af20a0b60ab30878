/* order.h -- orders the states of a graph so that steps lead forward, with each cycle in
 * one piece, and marks the states from which no end of a run can be reached.
 */
#ifndef RR_ORDER_H
#define RR_ORDER_H

#include "explore/graph.h"

enum rr_mark {
    RR_MARK_FIRST = 1,  /* first of its component in the order */
    RR_MARK_CYCLIC = 2, /* lies on a cycle */
    RR_MARK_LOST = 4,   /* livelocked: no path from here ends */
    RR_MARK_AFTER_CYCLE = 8, /* can be reached through a cycle that can be left */
};

typedef struct rr_order {
    const rr_graph *g;
    bool is_plain; /* the states' numbers are an order: nothing is stored */
    bool is_done;
    bool has_cycle; /* among states that are not lost */
    uint32_t n_states;
    uint32_t *sequence;
    uint8_t *marks;

    /* The state of Tarjan's algorithm between two slices. */
    uint32_t *index, *low, *open, *path, *path_edge;
    uint32_t n_open, n_path, next_index, filled;
} rr_order;

/* R. Tarjan: Depth-first search and linear graph algorithms, SIAM J. Comput. 1972. */
int rr_order_open(const rr_graph *g, rr_order *out);
void rr_order_close(rr_order *order);

/* Continues for about n states. */
void rr_order_advance(rr_order *order, uint32_t n);

static inline uint32_t
rr_order_at(const rr_order *order, uint32_t i)
{
    return order->is_plain ? i : order->sequence[i];
}

static inline uint8_t
rr_order_marks(const rr_order *order, uint32_t state)
{
    return order->is_plain ? RR_MARK_FIRST : order->marks[state];
}

/* Where an edge leads: itself, or the end of the run if the state is a livelock. */
uint32_t rr_order_target(const rr_order *order, const rr_edge *edge);

#endif
