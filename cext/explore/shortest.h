/* shortest.h -- for each kind of finding the run with the fewest preemptions and, among
 * those, the fewest steps.
 *
 * A breadth-first search over pairs of a state and the thread that stepped last.  An edge
 * costs one step and 0 or 1 preemptions.  Under C11 a step that takes an old message
 * counts as one preemption more.  The search goes level by level of preemptions,
 * and within a level in the order of steps.  In a reduced graph an edge costs as many steps
 * as it stands for, so there the pairs to visit are in a heap (shortest_reduced.c).
 */
#ifndef RR_SHORTEST_H
#define RR_SHORTEST_H

#include "explore/order.h"
#include "explore/pair_table.h"

typedef struct rr_hit {
    bool is_found;
    uint32_t preemptions, steps;
    uint64_t node; /* the pair where the last edge begins */
    uint32_t edge; /* which of the edges there; RR_NO_EDGE: found at the start; RR_GOAL: at
                    * the node itself */
} rr_hit;

#define RR_NO_EDGE UINT32_MAX
#define RR_GOAL (UINT32_MAX - 1)

typedef struct rr_shortest {
    const rr_graph *g;
    const rr_order *order;
    uint32_t wanted; /* kinds that are not found yet */
    uint32_t goal; /* a state to be found too; RR_END: none */
    rr_hit hits[RR_N_FINDINGS];
    rr_hit goal_hit;
    bool is_done;

    uint64_t n_threads;
    int rank[RR_MAX_PROGRAM_THREADS + 1]; /* of a thread within its class */
    rr_pair_table pairs; /* the parent of each; see product_graph.h */
    rr_pool now, next, later;
    uint64_t n_taken, n_later_taken;
    uint64_t n_later_level; /* how many of `later` belong to the current level */
    uint32_t preemptions, steps;
    rr_pool heap; /* of a reduced graph: see shortest_reduced.c */
} rr_shortest;

/* `wanted`: the kinds that occur; no others are searched for.  `goal`: a state to be
 * found too, or RR_END. */
int rr_shortest_open(const rr_graph *g, const rr_order *order, uint32_t wanted,
                     uint32_t goal, rr_shortest *out);
void rr_shortest_close(rr_shortest *s);

/* Bytes held. */
uint64_t rr_shortest_bytes(const rr_shortest *s);

int rr_shortest_advance(rr_shortest *s, uint32_t n);

/* The codes (4 * thread + branch) of a hit's run, `steps` of them; `now[t]` is set to the
 * number of thread t in the form of the last state.  Uses the graph's machine.
 * RR_ENOMEM; RR_EBUG if the graph does not fit the machine. */
int rr_shortest_schedule(const rr_shortest *s, const rr_hit *hit, int32_t *codes,
                         int now[RR_MAX_PROGRAM_THREADS + 1]);

#endif
