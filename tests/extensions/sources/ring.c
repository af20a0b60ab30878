/* ring.c -- the last objects that were pushed. */
#include "compat.h"

#define SLOTS 16

typedef struct {
    PyObject_HEAD
    PyObject *slots[SLOTS];
    size_t pushed;
} Ring;

static PyObject *
ring_push(PyObject *op, PyObject *value)
{
    Ring *self = (Ring *)op;
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    size_t slot = self->pushed++ % SLOTS;
    old = self->slots[slot];
    self->slots[slot] = Py_NewRef(value);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
ring_clear(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Ring *self = (Ring *)op;
    PyObject *old[SLOTS];
    Py_BEGIN_CRITICAL_SECTION(op);
    memcpy(old, self->slots, sizeof old);
    memset(self->slots, 0, sizeof old);
    Py_END_CRITICAL_SECTION();
#ifdef BUG
    /* It may take long, so let others run; but this needs the GIL. */
    Py_BEGIN_ALLOW_THREADS
    for (int i = 0; i < SLOTS; i++) {
        Py_XDECREF(old[i]);
    }
    Py_END_ALLOW_THREADS
#else
    for (int i = 0; i < SLOTS; i++) {
        Py_XDECREF(old[i]);
    }
#endif
    Py_RETURN_NONE;
}

static void
ring_dealloc(PyObject *op)
{
    for (int i = 0; i < SLOTS; i++) {
        Py_XDECREF(((Ring *)op)->slots[i]);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef ring_methods[] = {
    {"push", ring_push, METH_O, "Add an object, and drop the oldest if there are 16."},
    {"clear", ring_clear, METH_NOARGS, "Drop all objects."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Ring_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "ring.Ring",
    .tp_basicsize = sizeof(Ring),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = ring_dealloc,
    .tp_methods = ring_methods,
};

MODULE(ring, NULL, &Ring_Type)
