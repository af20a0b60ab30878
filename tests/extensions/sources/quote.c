/* quote.c -- a text as a quoted one, in UTF-8. */
#include "compat.h"

static PyObject *
quote(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "quote a str");
        return NULL;
    }
    if (PyUnicode_IS_ASCII(text)) {
        const char *bytes = (const char *)PyUnicode_1BYTE_DATA(text);
        return PyBytes_FromFormat("\"%s\"", bytes);
    }
    PyObject *encoded = PyUnicode_AsEncodedString(text, "utf-8", "replace");
    if (encoded == NULL) {
        return NULL;
    }
    PyObject *result = PyBytes_FromFormat("\"%s\"", PyBytes_AS_STRING(encoded));
#ifndef BUG
    Py_DECREF(encoded);  /* the bug: forgotten, for other than ASCII only */
#endif
    return result;
}

static PyMethodDef methods[] = {
    {"quote", quote, METH_O, "Return the bytes of a str, in quotes."},
    {NULL, NULL, 0, NULL},
};

MODULE(quote, methods, NULL)
