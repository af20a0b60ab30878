/* canary_contents.c -- what was stored in a canary, by setitem or setattr. */
#include <Python.h>

#include "cpython/canary_contents.h"

PyObject *
rr_contents_get(PyObject *_Atomic *contents, PyObject *key)
{
    PyObject *const stored = atomic_load(contents);
    if (stored == NULL) {
        return NULL;
    }
    Py_INCREF(stored);
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *value;
    (void)PyDict_GetItemRef(stored, key, &value); /* NULL in both other cases */
#else
    PyObject *const value = PyDict_GetItemWithError(stored, key);
    Py_XINCREF(value);
#endif
    Py_DECREF(stored);
    return value;
}

static PyObject *
made_contents(PyObject *_Atomic *contents)
{
    PyObject *stored = atomic_load(contents);
    if (stored == NULL) {
        PyObject *const fresh = PyDict_New();
        if (fresh == NULL) {
            return NULL;
        }
        if (atomic_compare_exchange_strong(contents, &stored, fresh)) {
            stored = fresh;
        } else {
            Py_DECREF(fresh);
        }
    }
    return stored;
}

int
rr_contents_set(PyObject *_Atomic *contents, PyObject *key, PyObject *value)
{
    PyObject *const stored = value == NULL ? atomic_load(contents) : made_contents(contents);
    if (stored == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_KeyError, key);
        }
        return -1;
    }
    Py_INCREF(stored);
    const int status = value == NULL ? PyDict_DelItem(stored, key)
                                     : PyDict_SetItem(stored, key, value);
    Py_DECREF(stored);
    return status;
}

void
rr_canary_drop_contents(rr_canary *canary)
{
    PyObject *const items = atomic_exchange(&canary->items, NULL);
    PyObject *const attributes = atomic_exchange(&canary->attributes, NULL);
    Py_XDECREF(items);
    Py_XDECREF(attributes);
}

int
rr_canary_traverse(PyObject *object, visitproc visit, void *arg)
{
    const rr_canary *const c = rr_canary_at(object);
    if (c != NULL) {
        Py_VISIT(c->items);
        Py_VISIT(c->attributes);
    }
    return 0;
}

int
rr_canary_clear(PyObject *object)
{
    rr_canary *const c = rr_canary_at(object);
    if (c != NULL) {
        rr_canary_drop_contents(c);
    }
    return 0;
}
