/* ring.h -- threads in a ring, each of which takes the locks of two neighbouring objects.
 *
 * Thread i needs objects i and i + 1; the last thread needs its own and object 0.
 * Between its two locks a thread waits until every other one has its first lock or is
 * blocked at it, so that the outcome depends only on the order of the locks.
 */
#ifndef RR_RING_H
#define RR_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "lessons/lock_graph.h"

typedef enum rr_lock_order {
    RR_ORDER_SAME,     /* the lower object first: no cycle is possible */
    RR_ORDER_OPPOSITE, /* the own object first: each waits for the next, all around */
} rr_lock_order;

typedef struct rr_ring_config {
    int n_threads; /* 2 to RR_MAX_WAITERS; as many objects */
    rr_lock_order order;
    bool global_lock;   /* one lock for all objects, or one each? */
    int64_t timeout_ns; /* from rr_ring_open on; 0 or more */
} rr_ring_config;

typedef struct rr_ring_result {
    int n_finished; /* threads that had both locks */
    int n_edges;    /* of the deadlock; 0 if there was none */
    int64_t n_waits;
    bool expired; /* was the timeout reached? */
    int64_t elapsed_ns;
    rr_wait_edge cycle[RR_MAX_WAITERS]; /* the victim's edge first */
} rr_ring_result;

typedef struct rr_ring rr_ring;

int rr_ring_open(const rr_ring_config *config, rr_ring **out);
/* pre: no thread is in the ring any more.  NULL is allowed. */
void rr_ring_close(rr_ring *ring);

/* Runs thread number `thread`, from beginning to end. */
void rr_ring_run(rr_ring *ring, int thread);

/* Makes all threads end soon.  Any thread may call it. */
void rr_ring_stop(rr_ring *ring);

/* Any thread, at any time; complete once no thread is in the ring. */
void rr_ring_result_of(rr_ring *ring, rr_ring_result *out);

#endif
