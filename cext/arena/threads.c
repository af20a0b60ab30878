/* threads.c -- domains, and the threads that count in them. */
#define _POSIX_C_SOURCE 200809L
#include "arena/threads.h"

#include <unistd.h>

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
    domain->process = getpid();
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
        if (pthread_cond_init(&thread->is_resumed, NULL) != 0) {
            (void)pthread_mutex_destroy(&thread->lock);
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
    if (domain != NULL && rr_domain_is_of_this_process(domain)) {
        rr_threads_vacate(domain);
        for (int i = 0; i < domain->n_threads; i++) {
            (void)pthread_cond_destroy(&domain->threads[i].is_resumed);
            (void)pthread_mutex_destroy(&domain->threads[i].lock);
        }
        rr_world_close(&domain->world);
        rr_gil_close(&domain->gil);
        (void)pthread_mutex_destroy(&domain->lock.os);
        rr_free(domain);
    }
}

bool
rr_domain_is_of_this_process(const rr_domain *domain)
{
    return domain->process == getpid();
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
