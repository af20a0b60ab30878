/* registry.c -- values by name, in a dictionary. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *names;
} Registry;

static PyObject *
registry_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(named))
{
    Registry *self = (Registry *)type->tp_alloc(type, 0);
    if (self != NULL && (self->names = PyDict_New()) == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyObject *
registry_add(PyObject *op, PyObject *args)
{
    PyObject *name, *value;
    if (!PyArg_ParseTuple(args, "OO:add", &name, &value) ||
        PyDict_SetItem(((Registry *)op)->names, name, value) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
registry_find(PyObject *op, PyObject *name)
{
    PyObject *value;
#ifdef BUG
    /* Correct with the GIL only: without it, the value may be removed before the increment. */
    value = PyDict_GetItemWithError(((Registry *)op)->names, name);
    Py_XINCREF(value);
#else
    Py_BEGIN_CRITICAL_SECTION(((Registry *)op)->names);
    value = Py_XNewRef(PyDict_GetItemWithError(((Registry *)op)->names, name));
    Py_END_CRITICAL_SECTION();
#endif
    return value != NULL || PyErr_Occurred() ? value : Py_NewRef(Py_None);
}

static PyObject *
registry_remove(PyObject *op, PyObject *name)
{
    if (PyDict_DelItem(((Registry *)op)->names, name) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static void
registry_dealloc(PyObject *op)
{
    Py_XDECREF(((Registry *)op)->names);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef registry_methods[] = {
    {"add", registry_add, METH_VARARGS, "Add or replace a value."},
    {"find", registry_find, METH_O, "Return the value of a name, or None."},
    {"remove", registry_remove, METH_O, "Remove a name."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Registry_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "registry.Registry",
    .tp_basicsize = sizeof(Registry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = registry_new,
    .tp_dealloc = registry_dealloc,
    .tp_methods = registry_methods,
};

MODULE(registry, NULL, &Registry_Type)
