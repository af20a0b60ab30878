/* lock_graph.h -- locks whose waits form a graph, so that a deadlock is seen and undone.
 *
 * Threads and locks are numbers.  A thread that has to wait for a lock is an edge to the
 * lock's owner; the wait that would close a cycle is refused, which is the one moment at
 * which a deadlock can come about: a thread that is given a lock waits for nothing.
 *
 * One mutex guards everything, and each thread sleeps on a condition of its own.  So a
 * wait can be undone, which a bare pthread mutex does not allow, and nobody polls.
 * Locks are handed over first come, first served, and may be taken again by their owner.
 */
#ifndef RR_LOCK_GRAPH_H
#define RR_LOCK_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_WAITERS = 64 };

typedef enum rr_lock_grant {
    RR_LOCK_GRANTED,
    RR_LOCK_DEADLOCK, /* waiting would never end; the thread is the victim */
    RR_LOCK_GIVEN_UP, /* stopped, or the deadline has passed */
} rr_lock_grant;

/* One thread of a cycle. */
typedef struct rr_wait_edge {
    int thread;
    int holds;     /* the lock that the thread before it in the cycle waits for */
    int waits_for; /* the lock that the next thread holds */
} rr_wait_edge;

typedef struct rr_lock_graph rr_lock_graph;

/* n_threads and n_locks: 1 to RR_MAX_WAITERS.  No wait outlasts the deadline, a time of
 * rr_now_ns. */
int rr_lock_graph_open(int n_threads, int n_locks, int64_t deadline_ns,
                       rr_lock_graph **out);
/* pre: no thread is in the graph any more.  NULL is allowed. */
void rr_lock_graph_close(rr_lock_graph *graph);

/* Take a lock, waiting for it if another thread has it. */
rr_lock_grant rr_lock_graph_acquire(rr_lock_graph *graph, int thread, int lock);
/* Give back what one acquire was granted.  pre: the thread owns the lock. */
void rr_lock_graph_release(rr_lock_graph *graph, int thread, int lock);

/* Wait until every thread has a lock, or waits for one, or did so before.  Tells whether
 * that came about before the deadline and a stop. */
bool rr_lock_graph_meet(rr_lock_graph *graph, int thread);

/* End all waits, now and later.  Any thread may call it. */
void rr_lock_graph_stop(rr_lock_graph *graph);

/* The first deadlock: copies its edges, beginning with the victim's and following the
 * waits, and returns how many there are; 0 if there was none. */
int rr_lock_graph_cycle(rr_lock_graph *graph, rr_wait_edge edges[RR_MAX_WAITERS]);

/* How often a thread had to wait for a lock, the refused wait included. */
int64_t rr_lock_graph_waits(rr_lock_graph *graph);

/* Did a thread meet the deadline? */
bool rr_lock_graph_expired(rr_lock_graph *graph);

#endif
