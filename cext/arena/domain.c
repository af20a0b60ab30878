/* domain.c -- opens and closes what the objects of one mode share. */
#define _POSIX_C_SOURCE 200809L
#include <unistd.h>

#include "arena/threads.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"

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
    for (; domain->n_threads < RR_MAX_THREAD_SLOTS; domain->n_threads++) {
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
