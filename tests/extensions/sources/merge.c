/* merge.c -- the items of two iterables. */
#include "compat.h"

static PyObject *
merge(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *left, *right;
    if (!PyArg_ParseTuple(args, "OO:merge", &left, &right)) {
        return NULL;
    }
    PyObject *result = NULL, *theirs = NULL;
    PyObject *ours = PySequence_List(left);
    if (ours == NULL) {
        goto done;
    }
    theirs = PySequence_List(right);
    if (theirs == NULL) {
        goto done;
    }
    result = PySequence_Concat(ours, theirs);

done:
#ifdef BUG
    Py_DECREF(ours);  /* NULL if left is not iterable */
    Py_DECREF(theirs);
#else
    Py_XDECREF(ours);
    Py_XDECREF(theirs);
#endif
    return result;
}

static PyMethodDef methods[] = {
    {"merge", merge, METH_VARARGS, "Return [*left, *right]."},
    {NULL, NULL, 0, NULL},
};

MODULE(merge, methods, NULL)
