/* pairs.c -- pairs of an item and what a function makes of it. */
#include "compat.h"

static PyObject *
pair_of(PyObject *item, PyObject *function)
{
    PyObject *key = Py_NewRef(item);
    PyObject *pair = PyTuple_New(2);
    if (pair == NULL) {
        goto error;
    }
    PyTuple_SET_ITEM(pair, 0, key);  /* steals the reference */
#ifndef BUG
    key = NULL;
#endif
    PyObject *value = PyObject_CallOneArg(function, item);
    if (value == NULL) {
        goto error;
    }
    PyTuple_SET_ITEM(pair, 1, value);
    return pair;

error:
    Py_XDECREF(key);  /* the bug: the pair drops it as well */
    Py_XDECREF(pair);
    return NULL;
}

static PyObject *
pairs(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *items, *function;
    if (!PyArg_ParseTuple(args, "OO:pairs", &items, &function)) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(items);
    PyObject *result = iterator == NULL ? NULL : PyList_New(0);
    PyObject *item;
    while (result != NULL && (item = PyIter_Next(iterator)) != NULL) {
        PyObject *pair = pair_of(item, function);
        Py_DECREF(item);
        if (pair == NULL || PyList_Append(result, pair) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(pair);
    }
    Py_XDECREF(iterator);
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"pairs", pairs, METH_VARARGS, "Return [(item, function(item)), ...]."},
    {NULL, NULL, 0, NULL},
};

MODULE(pairs, methods, NULL)
