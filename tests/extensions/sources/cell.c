/* cell.c -- one value, which is read and replaced. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *value;
} Cell;

#ifdef BUG
/* Correct with the GIL only: without it, the value may be freed before the increment. */
#define BEGIN_EXCLUSIVE(op) {
#define END_EXCLUSIVE() }
#else
#define BEGIN_EXCLUSIVE(op) Py_BEGIN_CRITICAL_SECTION(op)
#define END_EXCLUSIVE() Py_END_CRITICAL_SECTION()
#endif

static PyObject *
cell_get(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *value;
    BEGIN_EXCLUSIVE(op);
    value = ((Cell *)op)->value;
    value = Py_NewRef(value == NULL ? Py_None : value);
    END_EXCLUSIVE();
    return value;
}

static PyObject *
cell_set(PyObject *op, PyObject *value)
{
    PyObject *old;
    BEGIN_EXCLUSIVE(op);
    old = ((Cell *)op)->value;
    ((Cell *)op)->value = Py_NewRef(value);
    END_EXCLUSIVE();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static void
cell_dealloc(PyObject *op)
{
    Py_XDECREF(((Cell *)op)->value);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef cell_methods[] = {
    {"get", cell_get, METH_NOARGS, "Return the value."},
    {"set", cell_set, METH_O, "Replace the value."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Cell_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "cell.Cell",
    .tp_basicsize = sizeof(Cell),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = cell_dealloc,
    .tp_methods = cell_methods,
};

MODULE(cell, NULL, &Cell_Type)
