/* python_locks.c -- threading.Lock and RLock: their waits, as conditions.
 *
 * They block inside the interpreter, where no hook is.  So the methods of their types
 * are replaced: a runner that would wait lets go of the GIL, as the method itself does, and
 * waits for its turn until the lock is free; then the method takes it at once.
 *
 * Their first field is a pointer to a lock, a semaphore where the platform has them; or a
 * PyMutex: in locks that have no other field, and in both from CPython 3.14 on.
 */
#include "cpython/schedule/internal.h"

#include <semaphore.h>

enum { LOCK, R_LOCK, N_TYPES };
enum { ACQUIRE, ENTER, RELEASE, EXIT, N_METHODS };
static PyCFunction lock_methods[N_TYPES][N_METHODS];

static bool has_mutex[N_TYPES]; /* in the object; otherwise it has a pointer to a lock */

static const void *
lock_of(int type, const PyObject *self)
{
    const char *field = (const char *)self + sizeof(PyObject);
    return has_mutex[type] ? field : *(void *const *)(const void *)field;
}

static bool
is_free(int type, const PyObject *self)
{
    const void *lock = lock_of(type, self);
    if (has_mutex[type]) {
        return (*(const volatile uint8_t *)lock & 1) == 0;
    }
    int value = 0;
    return sem_getvalue((sem_t *)(uintptr_t)lock, &value) == 0 && value > 0;
}

/* Waits until the lock can be had.  A call with arguments may have a time-out, and one of
 * an owner never waits. */
static void
wait_for(rr_runner *me, int type, PyObject *self, bool is_plain, bool is_owned)
{
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)self, 0, NULL, "acquire");
    while (is_plain && !is_owned && !is_free(type, self)) {
#ifdef Py_GIL_DISABLED
        rr_events_give_up(); /* it looks at the lock again where no step is */
#endif
        rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, NULL, NULL);
        PyThreadState *state = PyEval_SaveThread();
#ifndef Py_GIL_DISABLED
        rr_gil_left(me);
#endif
        rr_point_wait(me, has_mutex[type] ? RR_WANTS_PY_MUTEX : RR_WANTS_PY_LOCK,
                      lock_of(type, self), RR_POINT_LOCK, NULL, NULL);
        rr_point_wait(me, RR_WANTS_GIL, NULL, RR_POINT_GIL_TAKE, NULL, NULL);
#ifndef Py_GIL_DISABLED
        rr_gil_taken(me);
#endif
        PyEval_RestoreThread(state);
    }
}

static PyObject *
call(PyCFunction function, PyObject *self, PyObject *args, PyObject *named)
{
    return ((PyCFunctionWithKeywords)(void (*)(void))function)(self, args, named);
}

static bool
is_owned(PyObject *self)
{
    PyObject *answer = PyObject_CallMethod(self, "_is_owned", NULL);
    bool is = answer == Py_True;
    Py_XDECREF(answer);
    PyErr_Clear();
    return is;
}

static PyObject *
take(int type, int method, PyObject *self, PyObject *args, PyObject *named)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        bool is_plain = method == ENTER || (args != NULL && PyTuple_GET_SIZE(args) == 0 &&
                                            (named == NULL || PyDict_Size(named) == 0));
        wait_for(me, type, self, is_plain, type == R_LOCK && is_owned(self));
    }
    PyObject *result = call(lock_methods[type][method], self, args, named);
    if (me != NULL && result == Py_True) {
        rr_clock_acquire(me, self);
        rr_event_lock(me, true, lock_of(type, self));
    }
    return result;
}

static PyObject *
give_back(int type, int method, PyObject *self, PyObject *args)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_clock_release(me, self);
        rr_event_lock(me, false, lock_of(type, self));
    }
    PyObject *result = lock_methods[type][method](self, args);
    if (me != NULL) {
        rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)self, 0, NULL, "release");
    }
    return result;
}

#define METHODS(name, type)                                                             \
    static PyObject *name##_acquire(PyObject *self, PyObject *args, PyObject *named)    \
    {                                                                                   \
        return take(type, ACQUIRE, self, args, named);                                  \
    }                                                                                   \
    static PyObject *name##_enter(PyObject *self, PyObject *args, PyObject *named)      \
    {                                                                                   \
        return take(type, ENTER, self, args, named);                                    \
    }                                                                                   \
    static PyObject *name##_release(PyObject *self, PyObject *args)                     \
    {                                                                                   \
        return give_back(type, RELEASE, self, args);                                    \
    }                                                                                   \
    static PyObject *name##_leave(PyObject *self, PyObject *args)                        \
    {                                                                                   \
        return give_back(type, EXIT, self, args);                                       \
    }
METHODS(lock, LOCK)
METHODS(r_lock, R_LOCK)

static int
replace(PyObject *type, int which, int method, const char *name, void (*with)(void))
{
    PyObject *found = PyObject_GetAttrString(type, name);
    if (found == NULL) {
        return -1;
    }
    int result = 0;
    if (Py_IS_TYPE(found, &PyMethodDescr_Type)) {
        PyMethodDef *definition = ((PyMethodDescrObject *)found)->d_method;
        lock_methods[which][method] = definition->ml_meth;
        definition->ml_meth = (PyCFunction)with;
    }
    else {
        PyErr_Format(PyExc_RuntimeError, "%s of a lock is no method", name);
        result = -1;
    }
    Py_DECREF(found);
    return result;
}

int
rr_python_locks_open(void)
{
    static const struct {
        const char *type;
        void (*with[N_METHODS])(void);
    } types[N_TYPES] = {
        {"LockType",
         {(void (*)(void))lock_acquire, (void (*)(void))lock_enter,
          (void (*)(void))lock_release, (void (*)(void))lock_leave}},
        {"RLock",
         {(void (*)(void))r_lock_acquire, (void (*)(void))r_lock_enter,
          (void (*)(void))r_lock_release, (void (*)(void))r_lock_leave}},
    };
    static const char *const names[N_METHODS] = {
        "acquire", "__enter__", "release", "__exit__"};
    PyObject *module = PyImport_ImportModule("_thread");
    int result = module == NULL ? -1 : 0;
    for (int i = 0; i < N_TYPES && result == 0; i++) {
        PyObject *type = PyObject_GetAttrString(module, types[i].type);
        result = type == NULL ? -1 : 0;
        if (type != NULL) {
            Py_ssize_t fields = ((PyTypeObject *)type)->tp_basicsize -
                                (Py_ssize_t)sizeof(PyObject);
            has_mutex[i] = PY_VERSION_HEX >= 0x030e0000 ||
                           fields == (Py_ssize_t)sizeof(void *);
        }
        for (int k = 0; k < N_METHODS && result == 0; k++) {
            result = replace(type, i, k, names[k], types[i].with[k]);
        }
        Py_XDECREF(type);
    }
    Py_XDECREF(module);
    return result;
}
