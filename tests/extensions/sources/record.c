/* record.c -- a named record, whose name must be a str. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *value;
} Record;

static PyObject *
record_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *name, *value;
    if (!PyArg_ParseTuple(args, "OO:Record", &name, &value)) {
        return NULL;
    }
    Record *self = (Record *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "a name is a str, not %s", Py_TYPE(name)->tp_name);
#ifndef BUG
        Py_DECREF(self);
#endif
        return NULL;
    }
    self->name = Py_NewRef(name);
    self->value = Py_NewRef(value);
    return (PyObject *)self;
}

static void
record_dealloc(PyObject *op)
{
    Py_XDECREF(((Record *)op)->name);
    Py_XDECREF(((Record *)op)->value);
    Py_TYPE(op)->tp_free(op);
}

static PyTypeObject Record_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "record.Record",
    .tp_basicsize = sizeof(Record),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = record_new,
    .tp_dealloc = record_dealloc,
};

MODULE(record, NULL, &Record_Type)
