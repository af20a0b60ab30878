/* search.h -- one exploration from start to end, in slices of some 20 ms.
 *
 * It widens what proves too narrow (capacities, words) and starts again; it expands the
 * graph, orders it, and finds the shortest run to every finding.  The caller, which has
 * long integers, requests the counting of runs (path_counts.h).
 */
#ifndef RR_SEARCH_H
#define RR_SEARCH_H

#include "explore/path_counts.h"
#include "explore/shortest.h"
#include "explore/threads.h"

typedef enum rr_search_phase {
    RR_SEARCH_GRAPH,
    RR_SEARCH_ORDER,
    RR_SEARCH_SHORTEST,
    RR_SEARCH_RUNS, /* only if the caller requests it, with a prime */
    RR_SEARCH_DONE,
} rr_search_phase;

typedef enum rr_limit {
    RR_LIMIT_NONE,
    RR_LIMIT_STATES,
    RR_LIMIT_SECONDS,
    RR_LIMIT_MEMORY,
    RR_LIMIT_INTERRUPT,
    RR_LIMIT_WORDS, /* a state would have more than RR_MAX_STATE_WORDS */
    RR_LIMIT_HISTORY, /* a location would have more messages than it may, under C11 */
    RR_LIMIT_DISK, /* the folder took no more */
    RR_LIMIT_ROOM,  /* + an rr_capacity: it would exceed RR_MAX_CAPACITY */
} rr_limit;

typedef struct rr_search_config {
    const rr_program *program;
    int mode;
    bool gil_held, use_symmetry;
    int only; /* the one thread that runs; -1: all */
    uint64_t max_states, max_bytes;
    const char *folder; /* where what exceeds max_bytes goes; NULL: the search ends then */
    const rr_weak *weak; /* NULL: sequentially consistent */
    bool is_reduced; /* fewer states, and nothing can be counted (reduced.h) */
    int n_workers;   /* threads; 1: the caller's (team.h) */
    uint32_t fewest; /* so many states must wait before they are shared; 0: the default */
} rr_search_config;

typedef struct rr_team rr_team;

typedef struct rr_search {
    rr_search_config config;
    int32_t capacity[RR_N_CAPACITIES];
    int width;
    rr_machine *m;
    rr_graph graph;
    rr_order order;
    rr_shortest shortest;
    rr_path_counts runs;
    rr_path_counts beside; /* a second thread finds its bounds (search_counts.c) */
    rr_search_phase phase;
    rr_limit limit; /* not NONE: some states were not expanded */
    bool has_graph, has_order, has_shortest, has_runs, has_beside;
    bool is_counted; /* a pass of path_counts.h is complete */
    rr_team *team;   /* NULL: none yet */
    bool is_alone;   /* the one worker is the caller's thread */
    uint64_t scout_at, n_scouts; /* it runs ahead when it has so many states (scout.h) */
    bool is_scouting; /* it did, and had to start again */
    rr_thread_starter starter; /* for tests; NULL: pthread_create */
    uint64_t peak_bytes; /* in memory, when it was last noted */
    rr_spill spill;
    bool has_spill;
} rr_search;

int rr_search_open(const rr_search_config *config, rr_search **out);
void rr_search_close(rr_search *s);

/* Continues for some 20 ms.  RR_ENOMEM only before all states are found, or in a count;
 * without memory for the order or the shortest runs, it stops with RR_LIMIT_MEMORY. */
int rr_search_advance(rr_search *s);

/* Most bytes held in memory at any time. */
uint64_t rr_search_peak_bytes(const rr_search *s);

/* The limit behind RR_ENOMEM: memory, or the disk. */
rr_limit rr_search_no_room(const rr_search *s);

/* Adds no more states; what was found so far is the result.  Advance to its shortest
 * runs.  Stopped once more, the search is done, with the shortest runs that it has.  A
 * pass that counts is given up at once. */
int rr_search_stop(rr_search *s, rr_limit why);

/* Begins a pass modulo a prime; then advance until is_counted.  The shortest runs are
 * discarded, so take their schedules before.
 * pre: phase is DONE, limit is NONE, the graph is not reduced. */
int rr_search_count(rr_search *s, uint64_t prime);

/* After a pass: bounds the numbers for some 20 ms; their bounds are in runs.bounding.  It
 * does nothing if a second thread finds them during the passes: make another pass. */
int rr_search_bound(rr_search *s);

/* Does a second thread find the bounds during the passes? */
bool rr_search_bounds_beside(const rr_search *s);

#endif
