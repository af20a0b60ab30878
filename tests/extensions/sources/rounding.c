/* rounding.c -- rounds the items of a list by the built-in function. */
#include "compat.h"

static PyObject *
round_all(PyObject *Py_UNUSED(module), PyObject *items)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    if (builtins == NULL) {
        return NULL;
    }
    PyObject *round = PyObject_GetAttrString(builtins, "round");
    Py_DECREF(builtins);
    PyObject *iterator = round == NULL ? NULL : PyObject_GetIter(items);
    PyObject *result = iterator == NULL ? NULL : PyList_New(0);
    PyObject *item;
    while (result != NULL && (item = PyIter_Next(iterator)) != NULL) {
        PyObject *rounded = PyObject_CallOneArg(round, item);
        Py_DECREF(item);
        if (rounded == NULL || PyList_Append(result, rounded) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(rounded);
    }
    Py_XDECREF(iterator);
#ifndef BUG
    Py_XDECREF(round);  /* the bug: a new reference is taken for a borrowed one */
#endif
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"round_all", round_all, METH_O, "Return [round(item), ...]."},
    {NULL, NULL, 0, NULL},
};

MODULE(rounding, methods, NULL)
