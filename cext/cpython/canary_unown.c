/* canary_unown.c -- arguments that no thread owns.
 *
 * On a free-threaded build, an object whose last reference is dropped by another thread
 * than its owner waits in a queue of the owner.  The thread that makes the arguments of a
 * round waits until the round is over, so they would live that long, whatever the threads
 * of the round do with them.  An object without an owner dies at once.
 */
#include <Python.h>

#include "cpython/canary.h"

#ifdef Py_GIL_DISABLED

enum { MOST_DEPTH = 64, MERGED = 3, QUEUED = 2 };

/* Of these nothing is known that others rely on, such as a deferred count. */
static bool
is_data(PyObject *o)
{
    return PyTuple_CheckExact(o) || PyList_CheckExact(o) || PyDict_CheckExact(o) ||
           PyAnySet_CheckExact(o) || PyUnicode_CheckExact(o) || PyBytes_CheckExact(o) ||
           PyByteArray_CheckExact(o) || PyLong_CheckExact(o) || PyFloat_CheckExact(o) ||
           PyComplex_CheckExact(o);
}

/* The owner alone may do this, as the interpreter does when the owner drops its last one.
 * false: another thread owns it, nobody does, or it is immortal. */
static bool
merge(PyObject *o)
{
    const uint32_t local = _Py_atomic_load_uint32_relaxed(&o->ob_ref_local);
    Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&o->ob_ref_shared);
    if (!_Py_IsOwnedByCurrentThread(o) || local == UINT32_MAX || (shared & 3) == QUEUED) {
        return false;
    }
    _Py_atomic_store_uint32_relaxed(&o->ob_ref_local, 0);
    _Py_atomic_store_uintptr_relaxed(&o->ob_tid, 0);
    Py_ssize_t merged;
    do {
        merged = (Py_ARITHMETIC_RIGHT_SHIFT(Py_ssize_t, shared, 2) + (Py_ssize_t)local) * 4;
    } while (
        !_Py_atomic_compare_exchange_ssize(&o->ob_ref_shared, &shared, merged | MERGED));
    return true;
}

static int
visit(PyObject *o, void *depth)
{
    int left = *(int *)depth - 1;
    if (left >= 0 && is_data(o) && merge(o)) {
        const traverseproc traverse = Py_TYPE(o)->tp_traverse;
        return traverse == NULL ? 0 : traverse(o, visit, &left);
    }
    return 0;
}

void
rr_unown_items(PyObject *list)
{
    int left = MOST_DEPTH;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        (void)visit(PyList_GET_ITEM(list, i), &left);
    }
}

#else

void
rr_unown_items(PyObject *list)
{
    (void)list;
}

#endif
