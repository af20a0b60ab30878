/* stop_world.c -- stops the threads that count in a domain, between operations.
 *
 * A thread that stops the world takes precedence over threads that enter; otherwise it
 * might wait forever.
 */
#include "arena/threads.h"

#include "base/rr_status.h"

int
rr_world_open(rr_world *w)
{
    if (pthread_mutex_init(&w->mutex, NULL) != 0) {
        return RR_ETHREAD;
    }
    if (pthread_cond_init(&w->has_changed, NULL) != 0) {
        (void)pthread_mutex_destroy(&w->mutex);
        return RR_ETHREAD;
    }
    return RR_OK;
}

void
rr_world_close(rr_world *w)
{
    (void)pthread_cond_destroy(&w->has_changed);
    (void)pthread_mutex_destroy(&w->mutex);
}

static void
wait_while_stopped(rr_world *w)
{
    while (w->is_stopped) {
        (void)pthread_cond_wait(&w->has_changed, &w->mutex);
    }
}

void
rr_world_enter(rr_world *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    wait_while_stopped(w);
    w->n_inside++;
    (void)pthread_mutex_unlock(&w->mutex);
}

void
rr_world_leave(rr_world *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    if (--w->n_inside == 0) {
        (void)pthread_cond_broadcast(&w->has_changed);
    }
    (void)pthread_mutex_unlock(&w->mutex);
}

void
rr_world_stop(rr_world *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    wait_while_stopped(w);
    w->is_stopped = true;
    while (w->n_inside > 0) {
        (void)pthread_cond_wait(&w->has_changed, &w->mutex);
    }
    (void)pthread_mutex_unlock(&w->mutex);
}

void
rr_world_go_on(rr_world *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    w->is_stopped = false;
    (void)pthread_cond_broadcast(&w->has_changed);
    (void)pthread_mutex_unlock(&w->mutex);
}
