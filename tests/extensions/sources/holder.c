/* holder.c -- an attribute that can be read, replaced and deleted. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *value;
} Holder;

static PyObject *
holder_get(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *value;
    Py_BEGIN_CRITICAL_SECTION(op);
    value = Py_XNewRef(((Holder *)op)->value);
    Py_END_CRITICAL_SECTION();
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "value");
    }
    return value;
}

static int
holder_set(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    Holder *self = (Holder *)op;
#ifdef BUG
    Py_BEGIN_CRITICAL_SECTION(op);
    Py_XDECREF(self->value);  /* its finaliser can still read it here */
    self->value = Py_XNewRef(value);
    Py_END_CRITICAL_SECTION();
#else
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = self->value;
    self->value = Py_XNewRef(value);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
#endif
    return 0;
}

static void
holder_dealloc(PyObject *op)
{
    Py_XDECREF(((Holder *)op)->value);
    Py_TYPE(op)->tp_free(op);
}

static PyGetSetDef holder_getset[] = {
    {"value", holder_get, holder_set, "What is held.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject Holder_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "holder.Holder",
    .tp_basicsize = sizeof(Holder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = holder_dealloc,
    .tp_getset = holder_getset,
};

MODULE(holder, NULL, &Holder_Type)
