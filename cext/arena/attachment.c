/* attachment.c -- detached threads, which do not count, and suspended ones.
 *
 * Each thread's lock guards its attachment.  So a thread that suspends another sees what
 * that one did before it detached, and that one sees what was done meanwhile once it
 * attaches.
 */
#include "arena/threads.h"

static void
wait_while_suspended(rr_thread *thread)
{
    while (thread->attachment == RR_SUSPENDED) {
        (void)pthread_cond_wait(&thread->is_resumed, &thread->lock);
    }
}

void
rc_attach(rr_thread *me)
{
    (void)pthread_mutex_lock(&me->lock);
    wait_while_suspended(me);
    me->attachment = RR_ATTACHED;
    (void)pthread_mutex_unlock(&me->lock);
}

bool
rc_suspend(rr_thread *owner)
{
    (void)pthread_mutex_lock(&owner->lock);
    wait_while_suspended(owner);
    bool is_detached = owner->attachment == RR_DETACHED;
    if (is_detached) {
        owner->attachment = RR_SUSPENDED;
    }
    (void)pthread_mutex_unlock(&owner->lock);
    return is_detached;
}

void
rc_resume(rr_thread *owner)
{
    (void)pthread_mutex_lock(&owner->lock);
    owner->attachment = RR_DETACHED;
    (void)pthread_cond_broadcast(&owner->is_resumed);
    (void)pthread_mutex_unlock(&owner->lock);
}

bool
rc_is_detached(rr_thread *owner)
{
    (void)pthread_mutex_lock(&owner->lock);
    bool is_detached = owner->attachment != RR_ATTACHED;
    (void)pthread_mutex_unlock(&owner->lock);
    return is_detached;
}

void
rr_threads_set_detached(rr_domain *domain, int thread, bool is_detached)
{
    rr_thread *t = &domain->threads[thread];
    (void)pthread_mutex_lock(&t->lock);
    t->attachment = is_detached ? RR_DETACHED : RR_ATTACHED;
    (void)pthread_mutex_unlock(&t->lock);
}

bool
rr_threads_is_detached(rr_domain *domain, int thread)
{
    return rc_is_detached(&domain->threads[thread]);
}

/* A mode that keeps the attachment has stored it itself, before any thread could suspend
 * this one. */
void
rr_threads_detach(rr_domain *domain, const rr_mode *mode, int thread)
{
    if (mode->detach != NULL) {
        int64_t before = rr_threads_enter(thread);
        while (mode->detach(&domain->threads[thread])) {
        }
        rr_threads_become(before);
    }
    if (!(mode->keeps & RR_KEEPS_ATTACHMENT)) {
        rr_threads_set_detached(domain, thread, true);
    }
    atomic_fetch_add_explicit(&domain->n_detached, 1, memory_order_relaxed);
}

void
rr_threads_attach(rr_domain *domain, const rr_mode *mode, int thread)
{
    atomic_fetch_sub_explicit(&domain->n_detached, 1, memory_order_relaxed);
    if (!(mode->keeps & RR_KEEPS_ATTACHMENT)) {
        rr_threads_set_detached(domain, thread, false);
    }
    if (mode->attach != NULL) {
        int64_t before = rr_threads_enter(thread);
        while (mode->attach(&domain->threads[thread])) {
        }
        rr_threads_become(before);
    }
}
