/* graph.h -- all states that a program can reach, and the steps between them.
 *
 * The search is breadth first and runs in slices; it can pause between slices.  States
 * that behave alike are merged (canonical_form.h), and several identical threads in a
 * state are one edge with a multiplicity.  In a reduced graph, an edge also stands for the
 * steps before it that no other thread can observe (reduced.h).
 */
#ifndef RR_GRAPH_H
#define RR_GRAPH_H

#include "explore/canonical_form.h"
#include "explore/edge_store.h"
#include "explore/state_store.h"
#include "explore/step_cache.h"
#include "machine/own_step.h"

/* No state has more branches: under C11, one for each message of each thread. */
enum { RR_MAX_DEGREE = RR_N_CHOICES * (RR_WEAK_THREADS + 1) };

typedef enum rr_graph_phase {
    RR_GRAPH_OPEN,   /* states remain to be expanded */
    RR_GRAPH_DONE,   /* every state is expanded */
    RR_GRAPH_FULL,   /* max_states */
    RR_GRAPH_MEMORY, /* max_bytes, or no memory */
    RR_GRAPH_MISUSE, /* an error of the program: see misuse_* */
    RR_GRAPH_GROW,   /* start again: with grow, or wider words if grow is -1 */
} rr_graph_phase;

/* States are expanded a few ahead, so that what the next ones will look up can be fetched
 * from memory meanwhile.  Their successors are added in order, as if it were done one state
 * after the other. */
enum { RR_MOST_AHEAD = 4 };

typedef struct rr_ahead {
    int n;       /* successors */
    bool is_end; /* nothing can happen any more: the one successor is the end */
    rr_graph_phase phase; /* not OPEN: the search ends when its turn comes */
} rr_ahead;

typedef struct rr_graph {
    rr_machine *m;
    rr_symmetry symmetry;
    rr_state_store space;
    rr_edge_store edges; /* of each expanded state */
    rr_graph_phase phase;
    int grow;

    uint64_t max_states, max_bytes; /* max_bytes: without a spill */
    rr_spill *spill; /* where the large tables are; NULL: in memory */
    uint32_t n_expanded;
    uint32_t taken; /* the state whose branches are being taken */
    uint64_t n_transitions; /* steps taken, identical ones once */
    bool has_back_edge;     /* some step leads to a lower number */
    bool is_over_at_once;   /* no step is ever taken: the only outcome is at_once */
    uint32_t at_once;
    int misuse;
    uint32_t misuse_state; /* and the branch that leads on from there */
    int misuse_before; /* the steps that its thread takes first */
    int misuse_thread, misuse_branch, misuse_choice;
    unsigned max_degree; /* most branches of a state */
    bool *has_degree;    /* does a state have that many branches? */
    int max_successors;

    /* How a run can end: sets of kinds, numbered in the order in which they are found. */
    uint16_t *outcome_at; /* a hash table of the sets: number + 1 */
    uint32_t *outcomes;
    int n_outcomes;

    /* The state being expanded: packed, and as words once a step is really taken. */
    const char *source;
    bool has_base;
    int32_t *base;
    rr_step_cache cache;
    /* States n_expanded and the n_ahead - 1 behind it; `first_ahead`: where the first is in
     * the ring. */
    rr_ahead ahead[RR_MOST_AHEAD];
    int first_ahead, n_ahead, most_ahead;
    bool is_stopped; /* no state behind these is expanded */
    char *all_packed;
    struct rr_successor *all_successors;
    char *packed;  /* the successors of `base`, packed, and the edges to them */
    size_t stride; /* from one to the next */
    bool is_widened; /* states have become longer since the flag was reset */
    bool is_reduced; /* see reduced.h; then nothing can be counted */
    rr_own own;
    int32_t *before; /* the state before a step that may be the first of others */
    struct rr_successor *successors;
} rr_graph;

int rr_graph_open(rr_machine *m, int width, bool use_symmetry, bool is_reduced,
                  uint64_t max_states, uint64_t max_bytes, rr_spill *spill, rr_graph *out);
void rr_graph_close(rr_graph *g);

/* A graph without states, to take the branches of another graph's with another machine of
 * the same program and capacities. */
int rr_graph_open_beside(const rr_graph *other, rr_machine *m, bool use_symmetry,
                         rr_graph *out);

/* Expands about n states; sets the phase when the search is over. */
void rr_graph_expand(rr_graph *g, uint32_t n);

static inline uint32_t
rr_graph_n_states(const rr_graph *g)
{
    return (uint32_t)g->space.states.n_items;
}

/* The edges of a state; none if it was not expanded. */
static inline rr_edges
rr_graph_edges(const rr_graph *g, uint32_t state)
{
    return state < g->n_expanded ? rr_edge_store_at(&g->edges, state) : (rr_edges){0};
}

/* The same, for passes over all states: quicker if they are mostly in the order of their
 * numbers. */
static inline rr_edges
rr_graph_read_edges(const rr_graph *g, rr_edge_reader *reader, uint32_t state)
{
    return state < g->n_expanded ? rr_edge_reader_take(reader, &g->edges, state)
                                 : (rr_edges){0};
}

/* How many steps an edge stands for; 0 at the end of a run. */
static inline uint32_t
rr_graph_steps(const rr_graph *g, const rr_edge *edge)
{
    if (edge->thread == RR_NOBODY) {
        return 0;
    }
    uint32_t own = g->is_reduced ? edge->choice : 0;
    return edge->is_own ? own : own + 1;
}

/* The number of branches that some edges stand for: each identical thread counts. */
static inline unsigned
rr_graph_degree(rr_edges edges)
{
    unsigned n = 0;
    rr_edge edge;
    while (rr_next_edge(&edges, &edge)) {
        n += edge.many;
    }
    return n;
}

/* Kinds found on the way to a state: latent ones. */
uint32_t rr_graph_latent(const rr_graph *g, uint32_t state);

/* The number of an outcome, new or not; -1: no memory. */
int rr_graph_outcome(rr_graph *g, uint32_t kinds);
/* pre: a run has ended like that. */
int rr_graph_known_outcome(const rr_graph *g, uint32_t kinds);

/* Bytes held for states and edges, on disk too: the same however they were found. */
uint64_t rr_graph_bytes(const rr_graph *g);

#endif
