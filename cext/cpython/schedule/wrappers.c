/* wrappers.c -- imported functions that block, or hand over the GIL.
 *
 * Each does what the function of that name does, with points around it; a wait becomes a
 * condition on which the scheduler can decide.  On threads that are no runners they only
 * call the function, and pause where they do not have the GIL.
 */
#include "cpython/schedule/internal.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "cpython/schedule/memory_wrappers.h"
#include "cpython/schedule/pthread_wrappers.h"

/* ---- the GIL -------------------------------------------------------------------------- */

static PyThreadState *
save_thread(void)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        PyThreadState *left = PyEval_SaveThread();
        rr_pause_detached(true);
        return left;
    }
    rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, RR_CALLER, "PyEval_SaveThread");
    PyThreadState *state = PyEval_SaveThread();
#ifndef Py_GIL_DISABLED
    rr_gil_left(me);
#endif
    rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, RR_CALLER, NULL);
    return state;
}

static void
take_gil(rr_runner *me, void *pc, const char *name)
{
    rr_point_wait(me, RR_WANTS_GIL, NULL, RR_POINT_GIL_TAKE, pc, name);
#ifndef Py_GIL_DISABLED
    rr_gil_taken(me);
#endif
}

static void
restore_thread(PyThreadState *state)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        take_gil(me, RR_CALLER, "PyEval_RestoreThread");
    }
    else {
        rr_pause_detached(false);
    }
    PyEval_RestoreThread(state);
}

static PyGILState_STATE
ensure(void)
{
    rr_runner *me = rr_me;
    if (me != NULL && RR_CURRENT_STATE() != me->state) {
        take_gil(me, RR_CALLER, "PyGILState_Ensure");
    }
    return PyGILState_Ensure();
}

static void
release_gil(PyGILState_STATE before)
{
    rr_runner *me = rr_me;
    bool lets_go = me != NULL && before == PyGILState_UNLOCKED;
    if (lets_go) {
        rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, RR_CALLER, "PyGILState_Release");
    }
    PyGILState_Release(before);
    if (lets_go) {
#ifndef Py_GIL_DISABLED
        rr_gil_left(me);
#endif
        rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, RR_CALLER, NULL);
    }
}

/* ---- locks ---------------------------------------------------------------------------- */

static int
attempt_py_lock(void *lock)
{
    return PyThread_acquire_lock(lock, 0) ? 0 : EBUSY;
}

static bool
obtain_py_lock(rr_runner *me, PyThread_type_lock lock, bool waits, bool has_limit, void *pc,
               const char *name)
{
    int result;
    if (waits) {
        result =
            rr_obtain(me, RR_WANTS_PY_LOCK, lock, attempt_py_lock, has_limit, pc, name);
    }
    else {
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)lock, 0, pc, name);
        result = attempt_py_lock(lock);
    }
    if (result == 0) {
        rr_clock_acquire(me, lock);
        rr_event_lock(me, true, lock);
    }
    return result == 0;
}

static int
acquire_lock(PyThread_type_lock lock, int waits)
{
    rr_runner *me = rr_me;
    return me == NULL ? PyThread_acquire_lock(lock, waits)
                      : obtain_py_lock(me, lock, waits != 0, false, RR_CALLER,
                                       "PyThread_acquire_lock");
}

static PyLockStatus
acquire_lock_timed(PyThread_type_lock lock, PY_TIMEOUT_T microseconds, int may_interrupt)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return PyThread_acquire_lock_timed(lock, microseconds, may_interrupt);
    }
    bool is_taken = obtain_py_lock(me, lock, microseconds != 0, microseconds > 0, RR_CALLER,
                                   "PyThread_acquire_lock_timed");
    return is_taken ? PY_LOCK_ACQUIRED : PY_LOCK_FAILURE;
}

static void
release_lock(PyThread_type_lock lock)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        PyThread_release_lock(lock);
        return;
    }
    rr_clock_release(me, lock);
    rr_event_lock(me, false, lock);
    PyThread_release_lock(lock);
    rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)lock, 0, RR_CALLER,
                "PyThread_release_lock");
}

#if PY_VERSION_HEX >= 0x030d0000
#undef PyMutex_Lock
#undef PyMutex_Unlock
static void
py_mutex_lock(PyMutex *mutex)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        PyMutex_Lock(mutex);
        return;
    }
    for (;;) {
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)mutex, 0, RR_CALLER, "PyMutex_Lock");
        uint8_t unlocked = 0;
        if (__atomic_compare_exchange_n((uint8_t *)mutex, &unlocked, 1, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            break;
        }
        if ((unlocked & 1) == 0) { /* others are parked: the real one knows how */
            rr_events_give_up();
            PyMutex_Lock(mutex);
            break;
        }
        bool is_attached = RR_CURRENT_STATE() == me->state;
        if (is_attached) { /* as CPython: detached while it waits */
            (void)save_thread();
        }
        rr_point_wait(me, RR_WANTS_PY_MUTEX, mutex, RR_POINT_LOCK, RR_CALLER, NULL);
        if (is_attached) {
            restore_thread(me->state);
        }
    }
    rr_clock_acquire(me, mutex);
    rr_event_lock(me, true, mutex);
}

static void
py_mutex_unlock(PyMutex *mutex)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_clock_release(me, mutex);
        rr_event_lock(me, false, mutex);
    }
    PyMutex_Unlock(mutex);
    if (me != NULL) {
        rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)mutex, 0, RR_CALLER,
                    "PyMutex_Unlock");
    }
}

#ifdef Py_GIL_DISABLED
#undef PyCriticalSection_Begin
#undef PyCriticalSection_End
#undef PyCriticalSection2_Begin
#undef PyCriticalSection2_End

static bool
is_locked(const PyMutex *mutex)
{
    return (*(const volatile uint8_t *)mutex & 1) != 0;
}

/* Detached while it waits, which suspends the sections that it is in. */
static void
wait_for_mutex(rr_runner *me, PyMutex *mutex, void *pc)
{
    PyEval_SaveThread();
    rr_point_wait(me, RR_WANTS_PY_MUTEX, mutex, RR_POINT_LOCK, pc, NULL);
    PyEval_RestoreThread(me->state);
}

static void
section_begin(PyCriticalSection *section, PyObject *object)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_events_give_up(); /* waits give up the sections that a thread is in */
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)&object->ob_mutex, 0, RR_CALLER,
                    "PyCriticalSection_Begin");
        while (is_locked(&object->ob_mutex)) {
            wait_for_mutex(me, &object->ob_mutex, RR_CALLER);
        }
    }
    PyCriticalSection_Begin(section, object);
    if (me != NULL) {
        rr_clock_acquire(me, &object->ob_mutex);
    }
}

static void
section2_begin(PyCriticalSection2 *section, PyObject *a, PyObject *b)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_events_give_up();
        me->second_lock = (uintptr_t)&b->ob_mutex;
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)&a->ob_mutex, 0, RR_CALLER,
                    "PyCriticalSection2_Begin");
        me->second_lock = 0;
        while (is_locked(&a->ob_mutex) || is_locked(&b->ob_mutex)) {
            wait_for_mutex(me, is_locked(&a->ob_mutex) ? &a->ob_mutex : &b->ob_mutex,
                           RR_CALLER);
        }
        rr_order_takes(me, &a->ob_mutex, &b->ob_mutex, RR_CALLER);
    }
    PyCriticalSection2_Begin(section, a, b);
    if (me != NULL) {
        rr_clock_acquire(me, &a->ob_mutex);
        rr_clock_acquire(me, &b->ob_mutex);
    }
}

/* The mutexes of a section, private fields until 3.14: after one pointer. */
static PyMutex *
mutex_of(const void *section, size_t number)
{
    PyMutex *mutex;
    memcpy(&mutex, (const char *)section + (1 + number) * sizeof(uintptr_t),
           sizeof mutex);
    return mutex;
}

static void
section_ended(rr_runner *me, PyMutex *mutex, void *pc)
{
    rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)mutex, 0, pc, "PyCriticalSection_End");
}

static void
section_end(PyCriticalSection *section)
{
    rr_runner *me = rr_me;
    PyMutex *mutex = mutex_of(section, 0);
    if (me != NULL && mutex != NULL) {
        rr_clock_release(me, mutex);
    }
    PyCriticalSection_End(section);
    if (me != NULL) {
        section_ended(me, mutex, RR_CALLER);
    }
}

static void
section2_end(PyCriticalSection2 *section)
{
    rr_runner *me = rr_me;
    PyMutex *first = mutex_of(section, 0), *second = mutex_of(section, 1);
    if (me != NULL && first != NULL) {
        rr_clock_release(me, first);
    }
    if (me != NULL && second != NULL) {
        rr_clock_release(me, second);
    }
    PyCriticalSection2_End(section);
    if (me != NULL) {
        me->second_lock = (uintptr_t)second;
        section_ended(me, first, RR_CALLER);
        me->second_lock = 0;
    }
}
#endif
#endif

/* ---- giving way ------------------------------------------------------------------------- */

static int
yield(void)
{
    if (rr_me == NULL) {
        return sched_yield();
    }
    rr_point_gives_way();
    rr_point_at(rr_me, RR_POINT_CALL, 0, 0, RR_CALLER, "sched_yield");
    return 0;
}

/* ---- by name ------------------------------------------------------------------------------ */

static const rr_wrapper wrappers[] = {
    {"PyEval_SaveThread", (rr_function)save_thread},
    {"PyEval_RestoreThread", (rr_function)restore_thread},
    {"PyGILState_Ensure", (rr_function)ensure},
    {"PyGILState_Release", (rr_function)release_gil},
    {"PyThread_acquire_lock", (rr_function)acquire_lock},
    {"PyThread_acquire_lock_timed", (rr_function)acquire_lock_timed},
    {"PyThread_release_lock", (rr_function)release_lock},
#if PY_VERSION_HEX >= 0x030d0000
    {"PyMutex_Lock", (rr_function)py_mutex_lock},
    {"PyMutex_Unlock", (rr_function)py_mutex_unlock},
#ifdef Py_GIL_DISABLED
    {"PyCriticalSection_Begin", (rr_function)section_begin},
    {"PyCriticalSection_End", (rr_function)section_end},
    {"PyCriticalSection2_Begin", (rr_function)section2_begin},
    {"PyCriticalSection2_End", (rr_function)section2_end},
#endif
#endif
    /* C++: operator new, new[], delete, delete[], and sized delete. */
    {"_Znwm", (rr_function)rr_wrap_new},
    {"_Znam", (rr_function)rr_wrap_new},
    {"_ZdlPv", (rr_function)rr_wrap_free},
    {"_ZdaPv", (rr_function)rr_wrap_free},
    {"_ZdlPvm", (rr_function)rr_wrap_free},
    {"_ZdaPvm", (rr_function)rr_wrap_free},
    {"malloc", (rr_function)rr_wrap_malloc},
    {"calloc", (rr_function)rr_wrap_calloc},
    {"realloc", (rr_function)rr_wrap_realloc},
    {"free", (rr_function)rr_wrap_free},
    {"memcpy", (rr_function)rr_wrap_memcpy},
    {"memmove", (rr_function)rr_wrap_memmove},
    {"memset", (rr_function)rr_wrap_memset},
    {"sched_yield", (rr_function)yield},
    {NULL, NULL},
};

/* Other libraries of C++ have functions of the same name. */
static bool
is_of_other_cpp(const char *name)
{
    return strncmp(name, "__cxa_", 6) == 0 && !rr_has_in_cpp(name);
}

rr_function
rr_wrapper_of(const char *name)
{
    const rr_wrapper *const tables[] = {
        wrappers,         rr_mutex_wrappers,     rr_rwlock_wrappers,
        rr_once_wrappers, rr_semaphore_wrappers, rr_condition_wrappers,
        rr_barrier_wrappers, rr_thread_wrappers,
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const rr_wrapper *w = tables[i]; w->name != NULL; w++) {
            if (strcmp(name, w->name) == 0) {
                return is_of_other_cpp(name) ? NULL : w->function;
            }
        }
    }
    return NULL;
}
