/* threads.c -- domains, the threads that count in them, and their queues. */
#include "arena/threads.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

_Thread_local int64_t rr_self = -1;

int64_t
rr_self_asked(void)
{
    return rr_self;
}

int
rr_domain_open(rr_domain **out)
{
    rr_domain *domain = rr_alloc(1, sizeof *domain);
    if (domain == NULL) {
        return RR_ENOMEM;
    }
    int status = pthread_mutex_init(&domain->lock.os, NULL) == 0 ? RR_OK : RR_ETHREAD;
    if (status != RR_OK) {
        rr_free(domain);
        return status;
    }
    status = rr_gil_open(&domain->gil);
    if (status != RR_OK) {
        (void)pthread_mutex_destroy(&domain->lock.os);
        rr_free(domain);
        return status;
    }
    status = rr_world_open(&domain->world);
    if (status != RR_OK) {
        rr_gil_close(&domain->gil);
        (void)pthread_mutex_destroy(&domain->lock.os);
        rr_free(domain);
        return status;
    }
    for (; domain->n_threads < RR_MAX_SEATS; domain->n_threads++) {
        rr_thread *thread = &domain->threads[domain->n_threads];
        if (pthread_mutex_init(&thread->lock, NULL) != 0) {
            rr_domain_close(domain);
            return RR_ETHREAD;
        }
        thread->domain = domain;
    }
    *out = domain;
    return RR_OK;
}

void
rr_domain_close(rr_domain *domain)
{
    if (domain != NULL) {
        rr_threads_vacate(domain);
        for (int i = 0; i < domain->n_threads; i++) {
            (void)pthread_mutex_destroy(&domain->threads[i].lock);
        }
        rr_world_close(&domain->world);
        rr_gil_close(&domain->gil);
        (void)pthread_mutex_destroy(&domain->lock.os);
        rr_free(domain);
    }
}

void
rr_threads_join(rr_domain *domain, const rr_mode *mode, int thread)
{
    rc_lock(&domain->lock);
    if (thread >= atomic_load_explicit(&domain->n_joined, memory_order_relaxed)) {
        atomic_store_explicit(&domain->n_joined, thread + 1, memory_order_release);
    }
    rc_unlock(&domain->lock);
    if (mode->arrive != NULL) {
        mode->arrive(&domain->threads[thread]);
    }
}

int64_t
rr_threads_quiesce(rr_domain *domain, const rr_mode *mode, int thread)
{
    int64_t n = 0;
    if (mode->quiesce != NULL) {
        int64_t before = rr_threads_enter(thread);
        while (mode->quiesce(&domain->threads[thread])) {
            n++;
        }
        rr_threads_become(before);
    }
    return n;
}

void
rr_threads_leave(rr_domain *domain, const rr_mode *mode, int thread)
{
    if (mode->leave != NULL) {
        int64_t before = rr_threads_enter(thread);
        while (mode->leave(&domain->threads[thread])) {
        }
        rr_threads_become(before);
    }
}

int64_t
rr_threads_collapse(rr_domain *domain, const rr_mode *mode, int thread)
{
    int64_t n = 0;
    if (mode->collapse != NULL) {
        int64_t before = rr_threads_enter(thread);
        while (mode->collapse(&domain->threads[thread])) {
            n++;
        }
        rr_threads_become(before);
    }
    return n;
}

/* ---- queues: linked through the objects, each under its own lock ------------------ */

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

static rr_object *
pop(rr_thread *me, bool closes)
{
    (void)pthread_mutex_lock(&me->lock);
    rr_object *o = me->queue;
    if (o != NULL) {
        me->queue = o->queued_before;
        o->queue_of = NULL;
        o->queued_before = NULL;
    }
    me->has_left |= o == NULL && closes;
    (void)pthread_mutex_unlock(&me->lock);
    return o;
}

rr_object *
rc_queue_pop(rr_thread *me)
{
    return pop(me, false);
}

rr_object *
rc_queue_pop_or_close(rr_thread *me)
{
    return pop(me, true);
}

void
rr_threads_forget(rr_object *o)
{
    rr_thread *thread = o->queue_of;
    if (thread == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&thread->lock);
    for (rr_object **at = &thread->queue; *at != NULL; at = &(*at)->queued_before) {
        if (*at == o) {
            *at = o->queued_before;
            break;
        }
    }
    o->queue_of = NULL;
    (void)pthread_mutex_unlock(&thread->lock);
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
