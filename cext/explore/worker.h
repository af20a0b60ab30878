/* worker.h -- takes the branches of states for a search in several threads; for team.c
 * only.
 *
 * A worker has a machine of its own, and a graph without states, which gives room for the
 * successors.  It reads the states of the search, and changes nothing of it.
 */
#ifndef RR_WORKER_H
#define RR_WORKER_H

#include "explore/search.h"
#include "explore/successors.h"

enum { RR_MOST_IN_CHUNK = 256 };

/* Some states that follow each other, and their successors. */
typedef struct rr_chunk {
    uint32_t first, n_states;
    /* How many were expanded.  If fewer, something came up with the next one that the
     * search has to do itself: the end of the search, or a change to all states. */
    uint32_t n_done;
    bool is_ready;
    const char *states[RR_MOST_IN_CHUNK]; /* packed */
    rr_ahead ahead[RR_MOST_IN_CHUNK];
    int n_rows; /* the successors of all these states, one after the other */
    char *packed;
    struct rr_successor *successors;
} rr_chunk;

typedef struct rr_worker {
    const rr_search *search;
    struct rr_team *team;
    rr_machine *m;
    rr_graph graph;
    bool has_graph;
    size_t state_bytes; /* of the search's states */
    /* Under C11, its own copies of what the search's machine has noted. */
    rr_ways ways;
    rr_sites sites;
} rr_worker;

/* pre: the worker is zeroed.  Close it also after an error. */
int rr_worker_open(rr_worker *w, const rr_search *search);
void rr_worker_close(rr_worker *w);

/* Before states are expanded again after the search expanded some itself. */
int rr_worker_follow(rr_worker *w);

/* Expands the states of a chunk. */
void rr_worker_expand(rr_worker *w, rr_chunk *chunk);

/* Adds the successors of a chunk to a graph, as if it expanded these states now.  Stops
 * where the search ends. */
void rr_add_chunk(rr_graph *g, const rr_chunk *chunk);

#endif
