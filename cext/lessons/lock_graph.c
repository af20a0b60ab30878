/* lock_graph.c -- owners, waits, and the walk along both that finds a cycle.
 *
 * Invariant, whenever the mutex is free: the waits have no cycle.  A wait is added only
 * if the walk from its lock does not return to its thread.  A lock is handed over only to
 * a thread that waits for nothing from then on.
 */
#define _POSIX_C_SOURCE 200809L

#include "lessons/lock_graph.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"

enum { NONE = -1 };

typedef struct rr_waiter {
    pthread_cond_t wake;
    int waits_for;  /* a lock, or NONE */
    int64_t ticket; /* orders the waits by when they began */
    bool engaged;   /* owns or owned a lock, or waits for one */
} rr_waiter;

typedef struct rr_owned_lock {
    int owner;     /* a thread, or NONE */
    int64_t depth; /* acquires of the owner that are not released */
} rr_owned_lock;

/* `mutex` guards everything but the first three. */
struct rr_lock_graph {
    int n_threads;
    int n_locks;
    int64_t deadline_ns;
    pthread_mutex_t mutex;
    int n_conditions; /* opened so far */
    int n_engaged;
    int64_t n_waits;
    bool stopped;
    bool expired;
    int n_edges; /* of the first cycle */
    rr_wait_edge cycle[RR_MAX_WAITERS];
    rr_waiter waiters[RR_MAX_WAITERS];
    rr_owned_lock locks[RR_MAX_WAITERS];
};

/* ---- waiting on one clock, on every system --------------------------------------- */

static int
open_condition(pthread_cond_t *condition)
{
#if defined(__APPLE__)
    return pthread_cond_init(condition, NULL);
#else
    pthread_condattr_t attributes;
    int refused = pthread_condattr_init(&attributes);
    if (refused != 0) {
        return refused;
    }
    refused = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (refused == 0) {
        refused = pthread_cond_init(condition, &attributes);
    }
    (void)pthread_condattr_destroy(&attributes);
    return refused;
#endif
}

static struct timespec
timespec_of(int64_t ns)
{
    struct timespec t;
    t.tv_sec = (time_t)(ns / 1000000000);
    t.tv_nsec = (long)(ns % 1000000000);
    return t;
}

/* Wakes at the deadline at the latest, and sometimes spuriously.
 * pre: the deadline has not passed. */
static void
wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns)
{
#if defined(__APPLE__)
    struct timespec left = timespec_of(deadline_ns - rr_now_ns());
    (void)pthread_cond_timedwait_relative_np(condition, mutex, &left);
#else
    struct timespec until = timespec_of(deadline_ns);
    (void)pthread_cond_timedwait(condition, mutex, &until);
#endif
}

/* ---- open and close -------------------------------------------------------------- */

int
rr_lock_graph_open(int n_threads, int n_locks, int64_t deadline_ns, rr_lock_graph **out)
{
    if (n_threads < 1 || n_threads > RR_MAX_WAITERS || n_locks < 1 ||
        n_locks > RR_MAX_WAITERS) {
        return RR_EINVAL;
    }
    rr_lock_graph *graph = rr_alloc(1, sizeof *graph);
    if (graph == NULL) {
        return RR_ENOMEM;
    }
    if (pthread_mutex_init(&graph->mutex, NULL) != 0) {
        rr_free(graph);
        return RR_ETHREAD;
    }
    graph->n_threads = n_threads;
    graph->n_locks = n_locks;
    graph->deadline_ns = deadline_ns;
    for (int l = 0; l < n_locks; l++) {
        graph->locks[l].owner = NONE;
    }
    for (; graph->n_conditions < n_threads; graph->n_conditions++) {
        rr_waiter *waiter = &graph->waiters[graph->n_conditions];
        waiter->waits_for = NONE;
        if (open_condition(&waiter->wake) != 0) {
            rr_lock_graph_close(graph);
            return RR_ETHREAD;
        }
    }
    *out = graph;
    return RR_OK;
}

void
rr_lock_graph_close(rr_lock_graph *graph)
{
    if (graph == NULL) {
        return;
    }
    for (int t = 0; t < graph->n_conditions; t++) {
        (void)pthread_cond_destroy(&graph->waiters[t].wake);
    }
    (void)pthread_mutex_destroy(&graph->mutex);
    rr_free(graph);
}

/* ---- the functions below run with the mutex held ---------------------------------- */

static void
wake_all(rr_lock_graph *graph)
{
    for (int t = 0; t < graph->n_threads; t++) {
        (void)pthread_cond_signal(&graph->waiters[t].wake);
    }
}

static bool
is_over(rr_lock_graph *graph)
{
    if (!graph->stopped && !graph->expired && rr_now_ns() >= graph->deadline_ns) {
        graph->expired = true;
        wake_all(graph);
    }
    return graph->stopped || graph->expired;
}

static void
engage(rr_lock_graph *graph, int thread)
{
    if (!graph->waiters[thread].engaged) {
        graph->waiters[thread].engaged = true;
        graph->n_engaged++;
        if (graph->n_engaged == graph->n_threads) {
            wake_all(graph);
        }
    }
}

/* Would a wait of `thread` for `lock` close a cycle?  If so, the cycle is recorded. */
static bool
closes_cycle(rr_lock_graph *graph, int thread, int lock)
{
    rr_wait_edge edges[RR_MAX_WAITERS];
    edges[0].thread = thread;
    edges[0].waits_for = lock;
    /* The other waits have no cycle, so the walk visits no thread twice and ends. */
    for (int n = 1; n <= graph->n_threads; n++) {
        int owner = graph->locks[lock].owner;
        if (owner == thread) {
            edges[0].holds = lock;
            if (graph->n_edges == 0) {
                graph->n_edges = n;
                memcpy(graph->cycle, edges, (size_t)n * sizeof *edges);
            }
            return true;
        }
        int next = owner == NONE ? NONE : graph->waiters[owner].waits_for;
        if (next == NONE || n == graph->n_threads) {
            return false;
        }
        edges[n].thread = owner;
        edges[n].holds = lock;
        edges[n].waits_for = next;
        lock = next;
    }
    return false;
}

static rr_lock_grant
wait_for_lock(rr_lock_graph *graph, int thread, int lock)
{
    rr_waiter *waiter = &graph->waiters[thread];
    graph->n_waits++;
    if (closes_cycle(graph, thread, lock)) {
        return RR_LOCK_DEADLOCK;
    }
    waiter->waits_for = lock;
    waiter->ticket = graph->n_waits;
    engage(graph, thread);
    while (waiter->waits_for != NONE) {
        if (is_over(graph)) {
            waiter->waits_for = NONE;
            return RR_LOCK_GIVEN_UP;
        }
        wait_until(&waiter->wake, &graph->mutex, graph->deadline_ns);
    }
    return RR_LOCK_GRANTED; /* by the release that handed it over */
}

static rr_lock_grant
acquire(rr_lock_graph *graph, int thread, int lock)
{
    rr_owned_lock *wanted = &graph->locks[lock];
    if (is_over(graph)) {
        return RR_LOCK_GIVEN_UP;
    }
    if (wanted->owner == thread) {
        wanted->depth++;
        return RR_LOCK_GRANTED;
    }
    if (wanted->owner != NONE) {
        return wait_for_lock(graph, thread, lock);
    }
    wanted->owner = thread;
    wanted->depth = 1;
    engage(graph, thread);
    return RR_LOCK_GRANTED;
}

/* The thread that has waited longest for a lock, or NONE. */
static int
first_in_line(const rr_lock_graph *graph, int lock)
{
    int first = NONE;
    for (int t = 0; t < graph->n_threads; t++) {
        if (graph->waiters[t].waits_for == lock &&
            (first == NONE ||
             graph->waiters[t].ticket < graph->waiters[first].ticket)) {
            first = t;
        }
    }
    return first;
}

static void
release(rr_lock_graph *graph, int lock)
{
    rr_owned_lock *held = &graph->locks[lock];
    if (--held->depth > 0) {
        return;
    }
    held->owner = first_in_line(graph, lock);
    if (held->owner != NONE) {
        rr_waiter *waiter = &graph->waiters[held->owner];
        held->depth = 1;
        waiter->waits_for = NONE;
        (void)pthread_cond_signal(&waiter->wake);
    }
}

/* ---- the public functions: the same under the mutex ------------------------------- */

static void
enter(rr_lock_graph *graph)
{
    (void)pthread_mutex_lock(&graph->mutex);
}

static void
leave(rr_lock_graph *graph)
{
    (void)pthread_mutex_unlock(&graph->mutex);
}

rr_lock_grant
rr_lock_graph_acquire(rr_lock_graph *graph, int thread, int lock)
{
    enter(graph);
    rr_lock_grant grant = acquire(graph, thread, lock);
    leave(graph);
    return grant;
}

void
rr_lock_graph_release(rr_lock_graph *graph, int thread, int lock)
{
    enter(graph);
    if (graph->locks[lock].owner == thread) {
        release(graph, lock);
    }
    leave(graph);
}

bool
rr_lock_graph_meet(rr_lock_graph *graph, int thread)
{
    enter(graph);
    bool met = true;
    while (graph->n_engaged < graph->n_threads) {
        if (is_over(graph)) {
            met = false;
            break;
        }
        wait_until(&graph->waiters[thread].wake, &graph->mutex, graph->deadline_ns);
    }
    leave(graph);
    return met;
}

void
rr_lock_graph_stop(rr_lock_graph *graph)
{
    enter(graph);
    graph->stopped = true;
    wake_all(graph);
    leave(graph);
}

int
rr_lock_graph_cycle(rr_lock_graph *graph, rr_wait_edge edges[RR_MAX_WAITERS])
{
    enter(graph);
    int n = graph->n_edges;
    memcpy(edges, graph->cycle, (size_t)n * sizeof *edges);
    leave(graph);
    return n;
}

int64_t
rr_lock_graph_waits(rr_lock_graph *graph)
{
    enter(graph);
    int64_t n = graph->n_waits;
    leave(graph);
    return n;
}

bool
rr_lock_graph_expired(rr_lock_graph *graph)
{
    enter(graph);
    bool expired = graph->expired;
    leave(graph);
    return expired;
}
