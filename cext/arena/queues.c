/* queues.c -- each thread's queue, linked through the objects, under its own lock. */
#include "arena/threads.h"

bool
rc_queue_push(rr_object *o, int64_t tid)
{
    rr_thread *thread = &o->domain->threads[tid - 1];
    (void)pthread_mutex_lock(&thread->lock);
    bool is_open = !thread->has_left;
    if (is_open && o->queue_of == NULL) {
        o->queue_of = thread;
        o->queued_before = thread->queue;
        thread->queue = o;
    }
    (void)pthread_mutex_unlock(&thread->lock);
    return is_open;
}

typedef enum at_empty { STAYS, CLOSES, DETACHES } at_empty;

static rr_object *
pop(rr_thread *me, at_empty then)
{
    (void)pthread_mutex_lock(&me->lock);
    rr_object *o = me->queue;
    if (o != NULL) {
        me->queue = o->queued_before;
        o->queue_of = NULL;
        o->queued_before = NULL;
    }
    me->has_left |= o == NULL && then == CLOSES;
    if (o == NULL && then == DETACHES) {
        me->attachment = RR_DETACHED;
    }
    (void)pthread_mutex_unlock(&me->lock);
    return o;
}

rr_object *
rc_queue_pop(rr_thread *me)
{
    return pop(me, STAYS);
}

rr_object *
rc_queue_pop_or_close(rr_thread *me)
{
    return pop(me, CLOSES);
}

rr_object *
rc_queue_pop_or_detach(rr_thread *me)
{
    return pop(me, DETACHES);
}

bool
rc_queue_take(rr_thread *owner, rr_object *o)
{
    (void)pthread_mutex_lock(&owner->lock);
    rr_object **at = &owner->queue;
    while (*at != NULL && *at != o) {
        at = &(*at)->queued_before;
    }
    bool is_there = *at == o;
    if (is_there) {
        *at = o->queued_before;
        o->queue_of = NULL;
        o->queued_before = NULL;
    }
    (void)pthread_mutex_unlock(&owner->lock);
    return is_there;
}

void
rr_threads_forget(rr_object *o)
{
    rr_thread *thread = o->queue_of;
    if (thread != NULL) {
        (void)rc_queue_take(thread, o);
    }
}

void
rr_threads_put_in_queue(rr_object *o, int64_t tid)
{
    rr_threads_forget(o);
    if (tid != 0) {
        rr_thread *thread = &o->domain->threads[tid - 1];
        (void)pthread_mutex_lock(&thread->lock);
        rr_object **last = &thread->queue;
        while (*last != NULL) {
            last = &(*last)->queued_before;
        }
        *last = o;
        o->queue_of = thread;
        o->queued_before = NULL;
        (void)pthread_mutex_unlock(&thread->lock);
    }
}

int64_t
rr_threads_queue_of(rr_object *o)
{
    const rr_thread *thread = o->queue_of;
    return thread == NULL ? 0 : thread - o->domain->threads + 1;
}

void
rr_threads_set_closed(rr_domain *domain, int thread, bool is_closed)
{
    rr_thread *t = &domain->threads[thread];
    (void)pthread_mutex_lock(&t->lock);
    t->has_left = is_closed;
    (void)pthread_mutex_unlock(&t->lock);
}

bool
rr_threads_is_closed(rr_domain *domain, int thread)
{
    rr_thread *t = &domain->threads[thread];
    (void)pthread_mutex_lock(&t->lock);
    bool is_closed = t->has_left;
    (void)pthread_mutex_unlock(&t->lock);
    return is_closed;
}
