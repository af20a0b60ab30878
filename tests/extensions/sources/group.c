/* group.c -- items by what a function makes of each. */
#include "compat.h"

static int
add_to_group(PyObject *groups, PyObject *key, PyObject *item)
{
    PyObject *fresh = PyList_New(0);
    if (fresh == NULL) {
        return -1;
    }
    PyObject *group = PyDict_SetDefault(groups, key, fresh);
    int status = group == NULL ? -1 : PyList_Append(group, item);
    Py_DECREF(fresh);
    return status;
}

static PyObject *
group_by(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *items, *function, *key;
    if (!PyArg_ParseTuple(args, "O!O:group_by", &PyTuple_Type, &items, &function)) {
        return NULL;
    }
    PyObject *groups = PyDict_New();
    if (groups == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        key = PyObject_CallOneArg(function, item);
        if (key == NULL) {
            goto error;
        }
        if (add_to_group(groups, key, item) < 0) {  /* such as: the key has no hash */
#ifndef BUG
            Py_DECREF(key);
#endif
            goto error;
        }
        Py_DECREF(key);
    }
    return groups;

error:
    Py_DECREF(groups);
    return NULL;
}

static PyMethodDef methods[] = {
    {"group_by", group_by, METH_VARARGS, "Return {function(item): [item, ...]}."},
    {NULL, NULL, 0, NULL},
};

MODULE(group, methods, NULL)
