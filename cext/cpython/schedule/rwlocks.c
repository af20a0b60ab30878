/* rwlocks.c -- locks for readers and writers.
 *
 * A reader's clock goes to the next writer only: what readers do in a lock that they share
 * has no order.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <errno.h>

static int
attempt_read(void *lock)
{
    return pthread_rwlock_tryrdlock(lock);
}

static int
attempt_write(void *lock)
{
    return pthread_rwlock_trywrlock(lock);
}

static const void *
clock_of_readers(const pthread_rwlock_t *lock)
{
    return (const char *)lock + 1;
}

static bool
writes_to_itself(const rr_runner *me, const pthread_rwlock_t *lock)
{
    return lock->__data.__cur_writer == me->tid;
}

static int
note_reader(rr_runner *me, const pthread_rwlock_t *lock, int result)
{
    if (result == 0) {
        rr_clock_acquire(me, lock);
        rr_event_shared(me, true, lock);
    }
    return result;
}

static int
note_writer(rr_runner *me, const pthread_rwlock_t *lock, int result)
{
    if (result == 0) {
        rr_clock_acquire(me, lock);
        rr_clock_acquire(me, clock_of_readers(lock));
        rr_event_lock(me, true, lock);
    }
    return result;
}

static int
read_it(rr_runner *me, pthread_rwlock_t *lock, bool has_limit, void *pc, const char *name)
{
    if (writes_to_itself(me, lock)) { /* an error, at once */
        return pthread_rwlock_rdlock(lock);
    }
    me->shares = true;
    int result =
        rr_obtain(me, RR_WANTS_TO_READ, lock, attempt_read, has_limit, pc, name);
    me->shares = false;
    return note_reader(me, lock, result);
}

static int
write_it(rr_runner *me, pthread_rwlock_t *lock, bool has_limit, void *pc, const char *name)
{
    if (writes_to_itself(me, lock)) {
        return pthread_rwlock_wrlock(lock);
    }
    int result =
        rr_obtain(me, RR_WANTS_TO_WRITE, lock, attempt_write, has_limit, pc, name);
    return note_writer(me, lock, result);
}

static int
rwlock_rdlock(pthread_rwlock_t *lock)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_rwlock_rdlock(lock)
                      : read_it(me, lock, false, RR_CALLER, "pthread_rwlock_rdlock");
}

static int
rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, lock, until, RR_CALLER, "pthread_rwlock_timedrdlock")
               ? pthread_rwlock_timedrdlock(lock, until)
               : read_it(me, lock, true, RR_CALLER, "pthread_rwlock_timedrdlock");
}

static int
rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, lock, until, RR_CALLER, "pthread_rwlock_clockrdlock")
               ? pthread_rwlock_clockrdlock(lock, clock, until)
               : read_it(me, lock, true, RR_CALLER, "pthread_rwlock_clockrdlock");
}

static int
rwlock_tryrdlock(pthread_rwlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_rwlock_tryrdlock(lock);
    }
    me->shares = true;
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)lock, 0, RR_CALLER,
                "pthread_rwlock_tryrdlock");
    me->shares = false;
    return note_reader(me, lock, pthread_rwlock_tryrdlock(lock));
}

static int
rwlock_wrlock(pthread_rwlock_t *lock)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_rwlock_wrlock(lock)
                      : write_it(me, lock, false, RR_CALLER, "pthread_rwlock_wrlock");
}

static int
rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, lock, until, RR_CALLER, "pthread_rwlock_timedwrlock")
               ? pthread_rwlock_timedwrlock(lock, until)
               : write_it(me, lock, true, RR_CALLER, "pthread_rwlock_timedwrlock");
}

static int
rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, lock, until, RR_CALLER, "pthread_rwlock_clockwrlock")
               ? pthread_rwlock_clockwrlock(lock, clock, until)
               : write_it(me, lock, true, RR_CALLER, "pthread_rwlock_clockwrlock");
}

static int
rwlock_trywrlock(pthread_rwlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_rwlock_trywrlock(lock);
    }
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)lock, 0, RR_CALLER,
                "pthread_rwlock_trywrlock");
    return note_writer(me, lock, pthread_rwlock_trywrlock(lock));
}

static int
rwlock_unlock(pthread_rwlock_t *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return pthread_rwlock_unlock(lock);
    }
    me->shares = !writes_to_itself(me, lock);
    if (me->shares) {
        rr_clock_release(me, clock_of_readers(lock));
        rr_event_shared(me, false, lock);
    }
    else {
        rr_clock_release(me, lock);
        rr_event_lock(me, false, lock);
    }
    int result = pthread_rwlock_unlock(lock);
    rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)lock, 0, RR_CALLER,
                "pthread_rwlock_unlock");
    me->shares = false;
    return result;
}

const rr_wrapper rr_rwlock_wrappers[] = {
    {"pthread_rwlock_rdlock", (rr_function)rwlock_rdlock},
    {"pthread_rwlock_timedrdlock", (rr_function)rwlock_timedrdlock},
    {"pthread_rwlock_clockrdlock", (rr_function)rwlock_clockrdlock},
    {"pthread_rwlock_tryrdlock", (rr_function)rwlock_tryrdlock},
    {"pthread_rwlock_wrlock", (rr_function)rwlock_wrlock},
    {"pthread_rwlock_timedwrlock", (rr_function)rwlock_timedwrlock},
    {"pthread_rwlock_clockwrlock", (rr_function)rwlock_clockwrlock},
    {"pthread_rwlock_trywrlock", (rr_function)rwlock_trywrlock},
    {"pthread_rwlock_unlock", (rr_function)rwlock_unlock},
    {NULL, NULL},
};
