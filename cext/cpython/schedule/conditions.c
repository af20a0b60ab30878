/* conditions.c -- condition variables, also by their names in C11 and C++.
 *
 * Runners wait in signals.c, other threads in the real ones.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <errno.h>
#include <threads.h>

static int
wait_for_signal(rr_runner *me, const pthread_cond_t *condition, pthread_mutex_t *mutex,
                bool has_limit, void *pc, const char *name)
{
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)condition, 0, pc, name);
    rr_leaves_mutex(me, mutex);
    int result = pthread_mutex_unlock(mutex);
    if (result != 0) {
        return result;
    }
    rr_signals_begin_wait(me, condition);
    rr_event_signal(me, RR_EVENT_WAITS, condition);
    me->has_limit = has_limit;
    me->second_lock = (uintptr_t)mutex;
    rr_point_wait(me, RR_WANTS_SIGNAL, condition, RR_POINT_UNLOCK, pc, name);
    me->second_lock = 0;
    me->has_limit = false;
    bool is_signalled = rr_signals_end_wait(me);
    rr_event_signal(me, RR_EVENT_TAKES, condition);
    rr_order_takes(me, condition, mutex, pc); /* who takes a signal matters */
    result = rr_obtain_mutex(me, mutex, false, pc, name);
    return result == 0 && !is_signalled ? ETIMEDOUT : result;
}

static void
wake(bool all, const void *condition, void *pc, const char *name)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)condition, 0, pc, name);
        rr_event_signal(me, all ? RR_EVENT_WAKES_ALL : RR_EVENT_WAKES_ONE, condition);
    }
    (all ? rr_signals_wake_all : rr_signals_wake_one)(condition);
}

/* ---- POSIX --------------------------------------------------------------------------- */

static int
condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? pthread_cond_wait(condition, mutex)
                      : wait_for_signal(me, condition, mutex, false, RR_CALLER,
                                        "pthread_cond_wait");
}

static int
condition_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                    const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, condition, until, RR_CALLER, "pthread_cond_timedwait")
               ? pthread_cond_timedwait(condition, mutex, until)
               : wait_for_signal(me, condition, mutex, true, RR_CALLER,
                                 "pthread_cond_timedwait");
}

static int
condition_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                    const struct timespec *until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, condition, until, RR_CALLER, "pthread_cond_clockwait")
               ? pthread_cond_clockwait(condition, mutex, clock, until)
               : wait_for_signal(me, condition, mutex, true, RR_CALLER,
                                 "pthread_cond_clockwait");
}

static int
condition_signal(pthread_cond_t *condition)
{
    wake(false, condition, RR_CALLER, "pthread_cond_signal");
    return pthread_cond_signal(condition);
}

static int
condition_broadcast(pthread_cond_t *condition)
{
    wake(true, condition, RR_CALLER, "pthread_cond_broadcast");
    return pthread_cond_broadcast(condition);
}

/* ---- C11: glibc's cnd_t is a pthread_cond_t -------------------------------------------- */

static int
c11_wait(cnd_t *condition, mtx_t *mutex)
{
    rr_runner *me = rr_me;
    return me == NULL ? cnd_wait(condition, mutex)
                      : rr_result_in_c11(wait_for_signal(
                            me, (pthread_cond_t *)condition, (pthread_mutex_t *)mutex, false,
                            RR_CALLER, "cnd_wait"));
}

static int
c11_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
              const struct timespec *restrict until)
{
    rr_runner *me = rr_me;
    return rr_is_for_libc(me, condition, until, RR_CALLER, "cnd_timedwait")
               ? cnd_timedwait(condition, mutex, until)
               : rr_result_in_c11(wait_for_signal(me, (pthread_cond_t *)condition,
                                                  (pthread_mutex_t *)mutex, true, RR_CALLER,
                                                  "cnd_timedwait"));
}

static int
c11_signal(cnd_t *condition)
{
    wake(false, condition, RR_CALLER, "cnd_signal");
    return cnd_signal(condition);
}

static int
c11_broadcast(cnd_t *condition)
{
    wake(true, condition, RR_CALLER, "cnd_broadcast");
    return cnd_broadcast(condition);
}

/* ---- C++: libstdc++ calls POSIX, in code that no import leads to ------------------------ */

/* A std::condition_variable begins with a pthread_cond_t, a std::unique_lock with a pointer
 * to a std::mutex, and that one with a pthread_mutex_t. */
static void
cpp_wait(pthread_cond_t *condition, pthread_mutex_t *const *lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        (void)pthread_cond_wait(condition, *lock);
    }
    else {
        (void)wait_for_signal(me, condition, *lock, false, RR_CALLER,
                              "std::condition_variable::wait");
    }
}

static void
cpp_notify_one(pthread_cond_t *condition)
{
    wake(false, condition, RR_CALLER, "std::condition_variable::notify_one");
    (void)pthread_cond_signal(condition);
}

static void
cpp_notify_all(pthread_cond_t *condition)
{
    wake(true, condition, RR_CALLER, "std::condition_variable::notify_all");
    (void)pthread_cond_broadcast(condition);
}

const rr_wrapper rr_condition_wrappers[] = {
    {"pthread_cond_wait", (rr_function)condition_wait},
    {"pthread_cond_timedwait", (rr_function)condition_timedwait},
    {"pthread_cond_clockwait", (rr_function)condition_clockwait},
    {"pthread_cond_signal", (rr_function)condition_signal},
    {"pthread_cond_broadcast", (rr_function)condition_broadcast},
    {"cnd_wait", (rr_function)c11_wait},
    {"cnd_timedwait", (rr_function)c11_timedwait},
    {"cnd_signal", (rr_function)c11_signal},
    {"cnd_broadcast", (rr_function)c11_broadcast},
    {"_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE", (rr_function)cpp_wait},
    {"_ZNSt18condition_variable10notify_oneEv", (rr_function)cpp_notify_one},
    {"_ZNSt18condition_variable10notify_allEv", (rr_function)cpp_notify_all},
    {NULL, NULL},
};
