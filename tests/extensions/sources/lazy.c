/* lazy.c -- makes a tuple of its value when it is asked for the first time. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *value;
    PyObject *made;
} Lazy;

static PyObject *
lazy_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named))
{
    PyObject *value;
    if (!PyArg_ParseTuple(args, "O:Lazy", &value)) {
        return NULL;
    }
    Lazy *self = (Lazy *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->value = Py_NewRef(value);
    }
    return (PyObject *)self;
}

static PyObject *
lazy_get(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Lazy *self = (Lazy *)op;
    PyObject *made;
#ifndef BUG
    Py_BEGIN_CRITICAL_SECTION(op);
#endif
    if (self->made == NULL) {
        self->made = PyTuple_Pack(1, self->value); /* two threads may both be here */
    }
    made = Py_XNewRef(self->made);
#ifndef BUG
    Py_END_CRITICAL_SECTION();
#endif
    return made;
}

static void
lazy_dealloc(PyObject *op)
{
    Py_XDECREF(((Lazy *)op)->value);
    Py_XDECREF(((Lazy *)op)->made);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef lazy_methods[] = {
    {"get", lazy_get, METH_NOARGS, "Return a tuple of the value, the same each time."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Lazy_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "lazy.Lazy",
    .tp_basicsize = sizeof(Lazy),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = lazy_new,
    .tp_dealloc = lazy_dealloc,
    .tp_methods = lazy_methods,
};

MODULE(lazy, NULL, &Lazy_Type)
