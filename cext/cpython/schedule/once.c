/* once.c -- what the first of several threads does, while the others wait: pthread_once,
 * call_once of C11, and std::call_once, which calls pthread_once.
 *
 * What is done may throw a C++ exception, which leaves the wrapper too: setup.py compiles
 * this with -fexceptions, so that `has_ended` is called then.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <threads.h>

enum { ONCE_DONE = 2 }; /* in glibc; it is odd while it is being done */

typedef struct doing {
    rr_runner *me;
    const pthread_once_t *control;
    void *pc;
    const char *name;
    int called_by_wrapper; /* of the runner before, which has_ended restores */
} doing;

/* It is done, or another thread has to do it. */
static void
has_ended(const doing *what)
{
    what->me->called_by_wrapper = what->called_by_wrapper;
    rr_clock_release(what->me, what->control);
    rr_event_lock(what->me, false, what->control);
    rr_point_at(what->me, RR_POINT_UNLOCK, (uintptr_t)what->control, 0, what->pc,
                what->name);
}

static int
do_once(const doing *what, pthread_once_t *control, void (*routine)(void))
{
    rr_runner *me = what->me;
    rr_point_wait(me, RR_WANTS_ONCE, control, RR_POINT_LOCK, what->pc, what->name);
    rr_clock_acquire(me, control);
    if (*(const volatile pthread_once_t *)control == ONCE_DONE) {
        return 0;
    }
    rr_event_lock(me, true, control);
    __attribute__((cleanup(has_ended), unused)) doing ends = *what;
    ends.called_by_wrapper = me->called_by_wrapper;
    me->called_by_wrapper = me->depth + 1;
    return pthread_once(control, routine);
}

static int
once(pthread_once_t *control, void (*routine)(void))
{
    doing what = {rr_me, control, RR_CALLER, "pthread_once", 0};
    return what.me == NULL ? pthread_once(control, routine)
                           : do_once(&what, control, routine);
}

/* glibc's once_flag is a pthread_once_t in a struct. */
static void
c11_once(once_flag *flag, void (*routine)(void))
{
    pthread_once_t *control = (pthread_once_t *)flag;
    doing what = {rr_me, control, RR_CALLER, "call_once", 0};
    if (what.me == NULL) {
        call_once(flag, routine);
    }
    else {
        (void)do_once(&what, control, routine);
    }
}

const rr_wrapper rr_once_wrappers[] = {
    {"pthread_once", (rr_function)once},
    {"call_once", (rr_function)c11_once},
    {NULL, NULL},
};
