/* chunks.c -- a sequence in tuples of equal size, the last one filled up. */
#include "compat.h"

static PyObject *
chunks(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *items, *fill;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O!nO:chunks", &PyTuple_Type, &items, &size, &fill)) {
        return NULL;
    }
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "a chunk has at least one item");
        return NULL;
    }
    PyObject *result = PyList_New(0);
    Py_ssize_t length = PyTuple_GET_SIZE(items);
    for (Py_ssize_t start = 0; result != NULL && start < length; start += size) {
        PyObject *chunk = PyTuple_New(size);
        for (Py_ssize_t i = 0; chunk != NULL && i < size; i++) {
            if (start + i < length) {
                PyObject *item = PyTuple_GET_ITEM(items, start + i);
                PyTuple_SET_ITEM(chunk, i, Py_NewRef(item));
            }
            else {
#ifdef BUG
                PyTuple_SET_ITEM(chunk, i, fill);  /* steals what the caller owns */
#else
                PyTuple_SET_ITEM(chunk, i, Py_NewRef(fill));
#endif
            }
        }
        if (chunk == NULL || PyList_Append(result, chunk) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(chunk);
    }
    return result;
}

static PyMethodDef methods[] = {
    {"chunks", chunks, METH_VARARGS, "chunks(items: tuple, size, fill): a list."},
    {NULL, NULL, 0, NULL},
};

MODULE(chunks, methods, NULL)
