/* find.c -- a search by equality; `==` may change the list. */
#include "compat.h"

static PyObject *
find(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *items, *key;
    if (!PyArg_ParseTuple(args, "O!O:find", &PyList_Type, &items, &key)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
#ifdef BUG
        PyObject *item = PyList_GET_ITEM(items, i);  /* borrowed during the comparison */
        int equal = PyObject_RichCompareBool(item, key, Py_EQ);
        if (equal > 0) {
            return Py_NewRef(item);
        }
#else
        PyObject *item = PyList_GetItemRef(items, i);
        if (item == NULL) {
            return NULL;
        }
        int equal = PyObject_RichCompareBool(item, key, Py_EQ);
        if (equal > 0) {
            return item;
        }
        Py_DECREF(item);
#endif
        if (equal < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"find", find, METH_VARARGS, "Return the first item of a list that equals a key."},
    {NULL, NULL, 0, NULL},
};

MODULE(find, methods, NULL)
