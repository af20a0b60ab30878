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
    RR_MARK_LATENT = 16, /* of a lost state: kinds were found on the way (rr_graph_latent) */
};

typedef struct rr_order {
    const rr_graph *g;
    bool is_plain; /* the states' numbers are an order: nothing is stored */
    bool is_done;
    bool has_cycle; /* among states that are not lost */
    uint32_t n_states;
    /* At its end the states in order; until then, at its start, the stack of the states
     * whose component is not complete. */
    uint32_t *sequence;
    uint8_t *marks;

    /* The state of Tarjan's algorithm between two slices. */
    uint32_t *index; /* the least that is known to be reached, of an open state */
    rr_pool path;    /* of the search: rr_order_step, as a stack */
    uint32_t n_open, next_index, filled;
} rr_order;

/* R. Tarjan: Depth-first search and linear graph algorithms, SIAM J. Comput. 1972.  As in
 * D. Pearce: A space-efficient algorithm for finding strongly connected components, Inf.
 * Process. Lett. 2016, one number a state is enough. */
int rr_order_open(const rr_graph *g, rr_order *out);
void rr_order_close(rr_order *order);

/* Continues for about n states; RR_ENOMEM. */
int rr_order_advance(rr_order *order, uint32_t n);

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

/* The kinds with which a run ends that reaches a lost state. */
uint32_t rr_order_lost(const rr_order *order, uint32_t state);

/* Bytes held. */
uint64_t rr_order_bytes(const rr_order *order);

/* Where an edge leads: itself, or the end of the run if the state is a livelock. */
uint32_t rr_order_target(const rr_order *order, const rr_edge *edge);

#endif
