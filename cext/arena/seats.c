/* seats.c -- which number a thread of the process has in a domain: from its first
 * operation there to its end, when it settles what it has put off and gives the number back.
 *
 * The one thing in this core that belongs to the process: a thread ends by itself, and the
 * only one that is told so is who has left a key with the system.
 */
#include "arena/handle.h"
#include "arena/threads.h"

/* Guards `who`, `seat_before` and the lists of all threads.  Outside of all other locks. */
static pthread_mutex_t seats = PTHREAD_MUTEX_INITIALIZER;

/* This thread's seats, linked by `seat_before`; so a thread is known by where this is. */
static _Thread_local rr_thread *mine;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void
unlink_from(rr_thread **list, const rr_thread *seat)
{
    for (rr_thread **at = list; *at != NULL; at = &(*at)->seat_before) {
        if (*at == seat) {
            *at = seat->seat_before;
            return;
        }
    }
}

/* The number goes to a later thread, and with it what the domain still says of it: what it
 * owns, and the queue, which stays open so that nobody else sees to it meanwhile. */
static void
settle(rr_thread *seat)
{
    rr_domain *domain = seat->domain;
    const rr_mode *mode = seat->mode;
    int thread = (int)(seat - domain->threads);
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
    (void)pthread_mutex_lock(&seats);
    while (mine != NULL) {
        rr_thread *seat = mine;
        mine = seat->seat_before;
        settle(seat);
        seat->who = NULL;
    }
    (void)pthread_mutex_unlock(&seats);
}

/* A child that was forked while somebody had the lock would wait for it for ever. */
static void
lock_for_fork(void)
{
    (void)pthread_mutex_lock(&seats);
}

static void
unlock_after_fork(void)
{
    (void)pthread_mutex_unlock(&seats);
}

static void
hear_of_threads(void)
{
    has_key = pthread_key_create(&key, end_thread) == 0;
    (void)pthread_atfork(lock_for_fork, unlock_after_fork, unlock_after_fork);
}

static void
lock_seats(void)
{
    (void)pthread_once(&once, hear_of_threads);
    (void)pthread_mutex_lock(&seats);
}

/* Without a key, or room for it, ends are not heard of: then numbers are not given back. */
static void
hear_of_the_end(void)
{
    if (has_key) {
        (void)pthread_setspecific(key, &mine);
    }
}

static rr_thread *
seat_in(const rr_domain *domain)
{
    rr_thread *seat = mine;
    while (seat != NULL && seat->domain != domain) {
        seat = seat->seat_before;
    }
    return seat;
}

static rr_thread *
take_free_seat(rr_domain *domain, const rr_mode *mode)
{
    for (int i = 0; i < RR_MAX_SEATS; i++) {
        rr_thread *seat = &domain->threads[i];
        if (seat->who == NULL) {
            seat->who = &mine;
            seat->ident = (uint64_t)pthread_self();
            seat->mode = mode;
            seat->seat_before = mine;
            mine = seat;
            rr_threads_join(domain, mode, i);
            return seat;
        }
    }
    return NULL;
}

int
rr_threads_seat(rr_domain *domain, const rr_mode *mode)
{
    lock_seats();
    rr_thread *seat = seat_in(domain);
    if (seat == NULL) {
        hear_of_the_end();
        seat = take_free_seat(domain, mode);
    }
    (void)pthread_mutex_unlock(&seats);
    return seat == NULL ? -1 : (int)(seat - domain->threads);
}

int
rr_domain_threads(rr_domain *domain, uint64_t *idents)
{
    int n = 0;
    lock_seats();
    for (int i = 0; i < domain->n_threads && i < RR_MAX_SEATS; i++) {
        if (domain->threads[i].who != NULL) {
            idents[n++] = domain->threads[i].ident;
        }
    }
    (void)pthread_mutex_unlock(&seats);
    return n;
}

void
rr_threads_vacate(rr_domain *domain)
{
    lock_seats();
    for (int i = 0; i < domain->n_threads; i++) {
        rr_thread *seat = &domain->threads[i];
        if (seat->who != NULL) {
            unlink_from(seat->who, seat);
            seat->who = NULL;
        }
    }
    (void)pthread_mutex_unlock(&seats);
}
