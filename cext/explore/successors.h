/* successors.h -- the branches of a state; for graph.c and its workers only. */
#ifndef RR_SUCCESSORS_H
#define RR_SUCCESSORS_H

#include "explore/graph.h"

enum { RR_MAX_OUTCOMES = 1 << 12, RR_OUTCOME_SLOTS = 2 * RR_MAX_OUTCOMES };
/* The steps and drains of every thread, and its interrupts. */
enum {
    RR_MAX_SUCCESSORS =
        (RR_N_BRANCHES - 1 + RR_MAX_INTERRUPTS) * (RR_MAX_PROGRAM_THREADS + 1)
};
/* Under C11 a step has a branch for each message that it may take. */
enum { RR_MOST_CHOICES = RR_N_CHOICES * (RR_WEAK_THREADS + 1) };

struct rr_successor {
    rr_edge edge; /* target set if the run ends, else when the state is interned */
    uint64_t hash;
    bool is_end;
};

/* Kinds found on the way to the machine's present state. */
uint32_t rr_latent_now(const rr_machine *m);
/* Ends the search if there is no memory. */
void rr_stop_at(rr_graph *g, int status);

/* Packs the machine's memory under C11 behind a packed row.  Widens all states if it does
 * not fit: the search goes on.  False: there is no memory. */
bool rr_fits_memory(rr_graph *g, char *packed);

rr_edge rr_edge_of(int thread, rr_branch branch, int choice, int many);

/* Adds where a step has led, as the n-th successor, with its edge; `stepped`: the number
 * that the thread had in the state before the step.  False: there is no such branch, or the
 * search is over. */
bool rr_add_successor(rr_graph *g, rr_edge edge, int stepped, rr_progress progress, int *n);

/* Unpacks g->source into g->base, unless it is there. */
void rr_unpack_base(rr_graph *g);
/* Takes all branches of the state in g->source; returns how many successors there are. */
int rr_take_all(rr_graph *g);

/* Takes all branches of a packed state, or none if the search ends there: the phase of the
 * batch says so.  Stores them in g->successors and g->packed. */
void rr_expand_state(rr_graph *g, const char *packed, rr_ahead *batch);

/* May the next state be expanded?  If not, the phase says why. */
bool rr_may_expand(rr_graph *g);
/* Adds the next state's successors, which are in g->successors and g->packed. */
void rr_add_expanded(rr_graph *g, const rr_ahead *batch);
/* The states that were expanded ahead are expanded again when their turn comes. */
void rr_forget_ahead(rr_graph *g);

#endif
