/* thread_slots.c -- a process thread's slot in a domain, from its first operation there
 * until it ends, when it settles its deferred work and gives the slot back.
 *
 * This is the only process-wide state of the core, because only a key of the system
 * (pthread_key_create) reports the end of a thread.
 */
#include "arena/handle.h"
#include "arena/threads.h"

/* Guards `who`, `slot_before` and the lists of all threads.  Taken before all other
 * locks. */
static pthread_mutex_t slots = PTHREAD_MUTEX_INITIALIZER;

/* This thread's slots, linked by `slot_before`.  Its address identifies the thread. */
static _Thread_local rr_thread *mine;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void
unlink_slot(rr_thread **list, const rr_thread *slot)
{
    for (rr_thread **at = list; *at != NULL; at = &(*at)->slot_before) {
        if (*at == slot) {
            *at = slot->slot_before;
            return;
        }
    }
}

/* A later thread gets the number, and with it the objects that it owns and the queue,
 * which stays open so that no other thread merges them meanwhile. */
static void
settle(rr_thread *slot)
{
    rr_domain *domain = slot->domain;
    const rr_mode *mode = slot->mode;
    int thread = (int)(slot - domain->threads);
    bool stands_still = mode->collapse != NULL;
    if (stands_still) {
        rr_world_enter(&domain->world);
    }
    if (rr_threads_is_detached(domain, thread)) {
        rr_threads_attach(domain, mode, thread);
    }
    if (mode->keeps & RR_KEEPS_QUEUE) {
        (void)rr_threads_quiesce(domain, mode, thread);
    }
    else {
        rr_threads_leave(domain, mode, thread);
    }
    if (stands_still) {
        rr_world_leave(&domain->world);
    }
}

static void
end_thread(void *list)
{
    (void)list;
    (void)pthread_mutex_lock(&slots);
    while (mine != NULL) {
        rr_thread *slot = mine;
        mine = slot->slot_before;
        settle(slot);
        slot->who = NULL;
    }
    (void)pthread_mutex_unlock(&slots);
}

/* A child forked while another thread held the lock would wait for it forever. */
static void
lock_for_fork(void)
{
    (void)pthread_mutex_lock(&slots);
}

static void
unlock_after_fork(void)
{
    (void)pthread_mutex_unlock(&slots);
}

static void
hear_of_threads(void)
{
    has_key = pthread_key_create(&key, end_thread) == 0;
    (void)pthread_atfork(lock_for_fork, unlock_after_fork, unlock_after_fork);
}

static void
lock_slots(void)
{
    (void)pthread_once(&once, hear_of_threads);
    (void)pthread_mutex_lock(&slots);
}

/* Without a key, or memory for it, the end of a thread is not reported, and slots are not
 * given back. */
static void
hear_of_the_end(void)
{
    if (has_key) {
        (void)pthread_setspecific(key, &mine);
    }
}

static rr_thread *
slot_in(const rr_domain *domain)
{
    rr_thread *slot = mine;
    while (slot != NULL && slot->domain != domain) {
        slot = slot->slot_before;
    }
    return slot;
}

static rr_thread *
take_free_slot(rr_domain *domain, const rr_mode *mode)
{
    for (int i = 0; i < RR_MAX_THREAD_SLOTS; i++) {
        rr_thread *slot = &domain->threads[i];
        if (slot->who == NULL) {
            slot->who = &mine;
            slot->ident = (uint64_t)pthread_self();
            slot->mode = mode;
            slot->slot_before = mine;
            mine = slot;
            rr_threads_join(domain, mode, i);
            return slot;
        }
    }
    return NULL;
}

int
rr_threads_slot(rr_domain *domain, const rr_mode *mode)
{
    lock_slots();
    rr_thread *slot = slot_in(domain);
    if (slot == NULL) {
        hear_of_the_end();
        slot = take_free_slot(domain, mode);
    }
    (void)pthread_mutex_unlock(&slots);
    return slot == NULL ? -1 : (int)(slot - domain->threads);
}

int
rr_domain_threads(rr_domain *domain, uint64_t *idents)
{
    int n = 0;
    lock_slots();
    for (int i = 0; i < domain->n_threads && i < RR_MAX_THREAD_SLOTS; i++) {
        if (domain->threads[i].who != NULL) {
            idents[n++] = domain->threads[i].ident;
        }
    }
    (void)pthread_mutex_unlock(&slots);
    return n;
}

void
rr_threads_vacate(rr_domain *domain)
{
    lock_slots();
    for (int i = 0; i < domain->n_threads; i++) {
        rr_thread *slot = &domain->threads[i];
        if (slot->who != NULL) {
            unlink_slot(slot->who, slot);
            slot->who = NULL;
        }
    }
    (void)pthread_mutex_unlock(&slots);
}
