/* threads.c -- the threads of a domain: they join, reach quiescent points, and leave. */
#include "arena/threads.h"

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
