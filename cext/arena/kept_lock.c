/* kept_lock.c -- the native lock of the mode gil: kept until another thread requests it.
 *
 * As Python/ceval_gil.c: a thread that waits longer than the switch interval sets the
 * request.  The holder sees it at its next operation, releases the lock, and waits until
 * another thread has had it (FORCE_SWITCHING); otherwise it would take it back at once.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <time.h>

#include "arena/arena.h"
#include "base/rr_status.h"

enum { SWITCH_INTERVAL_NS = 5000000, NS_PER_S = 1000000000 };

#ifdef __APPLE__ /* has no other clock for condition variables */
#define KEPT_CLOCK CLOCK_REALTIME
#else
#define KEPT_CLOCK CLOCK_MONOTONIC
#endif

static int
open_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return RR_ETHREAD;
    }
#ifndef __APPLE__
    (void)pthread_condattr_setclock(&attributes, KEPT_CLOCK);
#endif
    int status = pthread_cond_init(condition, &attributes) == 0 ? RR_OK : RR_ETHREAD;
    (void)pthread_condattr_destroy(&attributes);
    return status;
}

int
rr_gil_open(rc_gil *g)
{
    atomic_init(&g->holder, NULL);
    atomic_init(&g->is_asked_for, false);
    g->n_waiting = 0;
    g->n_switches = 0;
    if (pthread_mutex_init(&g->mutex, NULL) != 0) {
        return RR_ETHREAD;
    }
    if (open_condition(&g->is_free) != RR_OK) {
        goto no_free;
    }
    if (open_condition(&g->has_switched) != RR_OK) {
        goto no_switched;
    }
    return RR_OK;

no_switched:
    (void)pthread_cond_destroy(&g->is_free);
no_free:
    (void)pthread_mutex_destroy(&g->mutex);
    return RR_ETHREAD;
}

void
rr_gil_close(rc_gil *g)
{
    (void)pthread_cond_destroy(&g->has_switched);
    (void)pthread_cond_destroy(&g->is_free);
    (void)pthread_mutex_destroy(&g->mutex);
}

/* The functions below hold the mutex, which orders one holder's accesses before the
 * next's. */

static const void *
holder_of(rc_gil *g)
{
    return atomic_load_explicit(&g->holder, memory_order_relaxed);
}

static void
set_holder(rc_gil *g, const void *thread)
{
    atomic_store_explicit(&g->holder, thread, memory_order_relaxed);
    atomic_store_explicit(&g->is_asked_for, false, memory_order_relaxed);
}

/* A waiting thread does not give up before it has had the lock, so this ends. */
static void
hand_over(rc_gil *g)
{
    int64_t before = g->n_switches;
    set_holder(g, NULL);
    (void)pthread_cond_signal(&g->is_free);
    while (g->n_waiting > 0 && g->n_switches == before) {
        (void)pthread_cond_wait(&g->has_switched, &g->mutex);
    }
}

/* Waits for at most one interval, and then sends the request if the holder is the
 * same. */
static void
wait_and_ask(rc_gil *g)
{
    int64_t before = g->n_switches;
    struct timespec until;
    (void)clock_gettime(KEPT_CLOCK, &until);
    until.tv_nsec += SWITCH_INTERVAL_NS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_nsec -= NS_PER_S;
        until.tv_sec++;
    }
    int why = pthread_cond_timedwait(&g->is_free, &g->mutex, &until);
    if (why == ETIMEDOUT && g->n_switches == before && holder_of(g) != NULL) {
        atomic_store_explicit(&g->is_asked_for, true, memory_order_relaxed);
    }
}

void
rr_gil_take(rc_gil *g, const void *me)
{
    (void)pthread_mutex_lock(&g->mutex);
    if (holder_of(g) == me) {
        hand_over(g);
    }
    g->n_waiting++;
    while (holder_of(g) != NULL) {
        wait_and_ask(g);
    }
    g->n_waiting--;
    g->n_switches++;
    set_holder(g, me);
    (void)pthread_cond_broadcast(&g->has_switched);
    (void)pthread_mutex_unlock(&g->mutex);
}

void
rr_gil_leave(rc_gil *g, const void *me)
{
    if (holder_of(g) != me) {
        return; /* only this thread can change that */
    }
    (void)pthread_mutex_lock(&g->mutex);
    set_holder(g, NULL);
    (void)pthread_cond_signal(&g->is_free);
    (void)pthread_mutex_unlock(&g->mutex);
}
