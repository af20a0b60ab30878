/* semaphores.c -- semaphores of libc.
 *
 * Two releases commute, so they are noted as what is shared.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <errno.h>

static int
attempt_semaphore(void *semaphore)
{
    if (sem_trywait(semaphore) == 0) {
        return 0;
    }
    return errno == EAGAIN ? EBUSY : errno;
}

static int
value_of(sem_t *semaphore)
{
    int value = 0;
    (void)sem_getvalue(semaphore, &value);
    return value;
}

/* As these functions do: the error is in errno. */
static int
ended(rr_runner *me, sem_t *semaphore, int result)
{
    if (result != 0) {
        errno = result;
        return -1;
    }
    rr_clock_acquire(me, semaphore);
    rr_event_unit(me, true, semaphore, value_of(semaphore));
    return 0;
}

static int
wait_for_semaphore(rr_runner *me, sem_t *semaphore, bool has_limit, void *pc,
                   const char *name)
{
    int result = rr_obtain(me, RR_WANTS_SEMAPHORE, semaphore, attempt_semaphore, has_limit,
                           pc, name);
    return ended(me, semaphore, result);
}

static int
semaphore_wait(sem_t *semaphore)
{
    rr_runner *me = rr_me;
    return me == NULL ? sem_wait(semaphore)
                      : wait_for_semaphore(me, semaphore, false, RR_CALLER, "sem_wait");
}

static int
semaphore_timedwait(sem_t *semaphore, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, semaphore, until, RR_CALLER, "sem_timedwait")
               ? sem_timedwait(semaphore, until)
               : wait_for_semaphore(me, semaphore, true, RR_CALLER, "sem_timedwait");
}

static int
semaphore_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, semaphore, until, RR_CALLER, "sem_clockwait")
               ? sem_clockwait(semaphore, clock, until)
               : wait_for_semaphore(me, semaphore, true, RR_CALLER, "sem_clockwait");
}

static int
semaphore_trywait(sem_t *semaphore)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return sem_trywait(semaphore);
    }
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)semaphore, 0, RR_CALLER, "sem_trywait");
    int result = sem_trywait(semaphore) == 0 ? 0 : errno;
    return ended(me, semaphore, result);
}

static int
semaphore_post(sem_t *semaphore)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return sem_post(semaphore);
    }
    me->shares = true;
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)semaphore, 0, RR_CALLER, "sem_post");
    me->shares = false;
    rr_clock_release(me, semaphore);
    int result = sem_post(semaphore);
    if (result == 0) {
        rr_event_unit(me, false, semaphore, value_of(semaphore));
    }
    return result;
}

const rr_wrapper rr_semaphore_wrappers[] = {
    {"sem_wait", (rr_function)semaphore_wait},
    {"sem_timedwait", (rr_function)semaphore_timedwait},
    {"sem_clockwait", (rr_function)semaphore_clockwait},
    {"sem_trywait", (rr_function)semaphore_trywait},
    {"sem_post", (rr_function)semaphore_post},
    {NULL, NULL},
};
