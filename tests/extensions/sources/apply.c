/* apply.c -- calls a function with the items of a tuple in reverse order. */
#include "compat.h"

#define FEW 8

static PyObject *
apply(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *function, *items;
    if (!PyArg_ParseTuple(args, "OO!:apply", &function, &PyTuple_Type, &items)) {
        return NULL;
    }
    PyObject *few[FEW], **reversed = few;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    if (size > FEW) {
        reversed = PyMem_Malloc((size_t)size * sizeof *reversed);
        if (reversed == NULL) {
            return PyErr_NoMemory();
        }
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        reversed[i] = PyTuple_GET_ITEM(items, size - 1 - i);
    }
    PyObject *result = PyObject_Vectorcall(function, reversed, (size_t)size, NULL);
#ifdef BUG
    if (result == NULL) {
        return NULL;  /* without freeing what many items needed */
    }
#endif
    if (reversed != few) {
        PyMem_Free(reversed);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"apply", apply, METH_VARARGS, "apply(function, items: tuple): function(*items[::-1])."},
    {NULL, NULL, 0, NULL},
};

MODULE(apply, methods, NULL)
