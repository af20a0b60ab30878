/* lock_graph.h -- locks whose waits form a graph, so that a deadlock is detected and
 * undone.
 *
 * Threads and locks are numbers.  A thread that has to wait for a lock is an edge to the
 * lock's owner.  A wait that would close a cycle is refused.  Only a new wait can cause a
 * deadlock, because a thread that is given a lock waits for nothing.
 *
 * One mutex guards everything, and each thread sleeps on its own condition variable.  So
 * a wait can be undone, which a bare pthread mutex does not allow, and no thread polls.
 * Locks are handed over first come, first served, and are re-entrant.
 */
#ifndef RR_LOCK_GRAPH_H
#define RR_LOCK_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_WAITERS = 64 };

typedef enum rr_lock_grant {
    RR_LOCK_GRANTED,
    RR_LOCK_DEADLOCK, /* the wait would never end; the thread is the victim */
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

/* Takes a lock; waits for it if another thread has it. */
rr_lock_grant rr_lock_graph_acquire(rr_lock_graph *graph, int thread, int lock);
/* Undoes one acquire.  pre: the thread owns the lock. */
void rr_lock_graph_release(rr_lock_graph *graph, int thread, int lock);

/* Waits until every thread has a lock, or waits for one, or did so before.  Returns
 * whether that happened before the deadline and a stop. */
bool rr_lock_graph_meet(rr_lock_graph *graph, int thread);

/* Ends all waits, now and later.  Any thread may call it. */
void rr_lock_graph_stop(rr_lock_graph *graph);

/* Copies the edges of the first deadlock, starting with the victim's and following the
 * waits, and returns their number; 0 if there was none. */
int rr_lock_graph_cycle(rr_lock_graph *graph, rr_wait_edge edges[RR_MAX_WAITERS]);

/* How often a thread had to wait for a lock, including the refused wait. */
int64_t rr_lock_graph_waits(rr_lock_graph *graph);

/* Did the deadline end a thread's wait? */
bool rr_lock_graph_expired(rr_lock_graph *graph);

#endif
