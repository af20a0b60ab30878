/* mutexes.c -- mutexes and spin locks of libc, also by their names in C11. */
#include "cpython/schedule/pthread_wrappers.h"

#include <errno.h>
#include <threads.h>

int
rr_obtain(rr_runner *me, rr_want wants, void *lock, rr_attempt attempt, bool has_limit,
          void *pc, const char *name)
{
    me->has_limit = has_limit;
    int result;
    do {
        rr_point_wait(me, wants, lock, RR_POINT_LOCK, pc, name);
        result = attempt(lock);
    } while (result == EBUSY && !has_limit);
    me->has_limit = false;
    return result == EBUSY ? ETIMEDOUT : result;
}

bool
rr_is_for_libc(rr_runner *me, const void *lock, const struct timespec *until, void *pc,
               const char *name)
{
    if (me == NULL || (until->tv_nsec >= 0 && until->tv_nsec < 1000000000)) {
        return me == NULL;
    }
    rr_events_give_up(); /* it may take the lock, if that is free */
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)lock, 0, pc, name);
    return true;
}

int
rr_result_in_c11(int result)
{
    switch (result) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    default:
        return thrd_error;
    }
}

/* ---- mutexes --------------------------------------------------------------------------- */

static int
attempt_mutex(void *mutex)
{
    return pthread_mutex_trylock(mutex);
}

static int
note_mutex(rr_runner *me, const pthread_mutex_t *mutex, int result)
{
    if (result == 0 || result == EOWNERDEAD) { /* it has it in both cases */
        rr_clock_acquire(me, mutex);
        rr_event_lock(me, true, mutex);
    }
    return result;
}

int
rr_obtain_mutex(rr_runner *me, pthread_mutex_t *mutex, bool has_limit, void *pc,
                const char *name)
{
    bool is_checked = (mutex->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK;
    if (is_checked && mutex->__data.__owner == me->tid) {
        return pthread_mutex_lock(mutex); /* an error, at once */
    }
    int result = rr_obtain(me, RR_WANTS_PTHREAD_MUTEX, mutex, attempt_mutex, has_limit, pc,
                           name);
    return note_mutex(me, mutex, result);
}

void
rr_leaves_mutex(rr_runner *me, const pthread_mutex_t *mutex)
{
    rr_clock_release(me, mutex);
    rr_event_lock(me, false, mutex);
}

static int
try_mutex(rr_runner *me, pthread_mutex_t *mutex, void *pc, const char *name)
{
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)mutex, 0, pc, name);
    return note_mutex(me, mutex, pthread_mutex_trylock(mutex));
}

static int
leave_mutex(rr_runner *me, pthread_mutex_t *mutex, void *pc, const char *name)
{
    rr_leaves_mutex(me, mutex);
    int result = pthread_mutex_unlock(mutex);
    rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)mutex, 0, pc, name);
    return result;
}

static int
mutex_lock(pthread_mutex_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_mutex_lock(mutex)
                      : rr_obtain_mutex(me, mutex, false, RR_CALLER, "pthread_mutex_lock");
}

static int
mutex_trylock(pthread_mutex_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_mutex_trylock(mutex)
                      : try_mutex(me, mutex, RR_CALLER, "pthread_mutex_trylock");
}

static int
mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, mutex, until, RR_CALLER, "pthread_mutex_timedlock")
               ? pthread_mutex_timedlock(mutex, until)
               : rr_obtain_mutex(me, mutex, true, RR_CALLER, "pthread_mutex_timedlock");
}

static int
mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, mutex, until, RR_CALLER, "pthread_mutex_clocklock")
               ? pthread_mutex_clocklock(mutex, clock, until)
               : rr_obtain_mutex(me, mutex, true, RR_CALLER, "pthread_mutex_clocklock");
}

static int
mutex_unlock(pthread_mutex_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_mutex_unlock(mutex)
                      : leave_mutex(me, mutex, RR_CALLER, "pthread_mutex_unlock");
}

/* ---- the same in C11: glibc's mtx_t is a pthread_mutex_t --------------------------------- */

static int
c11_lock(mtx_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? mtx_lock(mutex)
                      : rr_result_in_c11(rr_obtain_mutex(me, (pthread_mutex_t *)mutex, false,
                                                         RR_CALLER, "mtx_lock"));
}

static int
c11_trylock(mtx_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? mtx_trylock(mutex)
                      : rr_result_in_c11(try_mutex(me, (pthread_mutex_t *)mutex, RR_CALLER,
                                                   "mtx_trylock"));
}

static int
c11_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, mutex, until, RR_CALLER, "mtx_timedlock")
               ? mtx_timedlock(mutex, until)
               : rr_result_in_c11(rr_obtain_mutex(me, (pthread_mutex_t *)mutex, true,
                                                  RR_CALLER, "mtx_timedlock"));
}

static int
c11_unlock(mtx_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? mtx_unlock(mutex)
                      : rr_result_in_c11(leave_mutex(me, (pthread_mutex_t *)mutex, RR_CALLER,
                                                     "mtx_unlock"));
}

/* ---- spin locks ---------------------------------------------------------------------------- */

static int
attempt_spin(void *lock)
{
    return pthread_spin_trylock(lock);
}

static int
note_spin(rr_runner *me, pthread_spinlock_t *lock, int result)
{
    if (result == 0) {
        rr_clock_acquire(me, (const void *)(uintptr_t)lock);
        rr_event_lock(me, true, (const void *)(uintptr_t)lock);
    }
    return result;
}

static int
spin_lock(pthread_spinlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_spin_lock(lock);
    }
    int result = rr_obtain(me, RR_WANTS_SPIN_LOCK, (void *)(uintptr_t)lock, attempt_spin,
                           false, RR_CALLER, "pthread_spin_lock");
    return note_spin(me, lock, result);
}

static int
spin_trylock(pthread_spinlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_spin_trylock(lock);
    }
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)lock, 0, RR_CALLER, "pthread_spin_trylock");
    return note_spin(me, lock, pthread_spin_trylock(lock));
}

static int
spin_unlock(pthread_spinlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_spin_unlock(lock);
    }
    rr_clock_release(me, (const void *)(uintptr_t)lock);
    rr_event_lock(me, false, (const void *)(uintptr_t)lock);
    int result = pthread_spin_unlock(lock);
    rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)lock, 0, RR_CALLER, "pthread_spin_unlock");
    return result;
}

const rr_wrapper rr_mutex_wrappers[] = {
    {"pthread_mutex_lock", (rr_function)mutex_lock},
    {"pthread_mutex_trylock", (rr_function)mutex_trylock},
    {"pthread_mutex_timedlock", (rr_function)mutex_timedlock},
    {"pthread_mutex_clocklock", (rr_function)mutex_clocklock},
    {"pthread_mutex_unlock", (rr_function)mutex_unlock},
    {"mtx_lock", (rr_function)c11_lock},
    {"mtx_trylock", (rr_function)c11_trylock},
    {"mtx_timedlock", (rr_function)c11_timedlock},
    {"mtx_unlock", (rr_function)c11_unlock},
    {"pthread_spin_lock", (rr_function)spin_lock},
    {"pthread_spin_trylock", (rr_function)spin_trylock},
    {"pthread_spin_unlock", (rr_function)spin_unlock},
    {NULL, NULL},
};
