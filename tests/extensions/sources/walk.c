/* walk.c -- an iterator over a tuple, which lets go of the tuple at its end. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *items;
    Py_ssize_t next;
} Walk;

static PyObject *
walk_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named))
{
    PyObject *items;
    if (!PyArg_ParseTuple(args, "O!:Walk", &PyTuple_Type, &items)) {
        return NULL;
    }
    Walk *self = (Walk *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->items = Py_NewRef(items);
    }
    return (PyObject *)self;
}

static PyObject *
step(Walk *self)
{
    PyObject *items = self->items;
    if (items == NULL) {
        return NULL;
    }
    if (self->next < PyTuple_GET_SIZE(items)) {
        return Py_NewRef(PyTuple_GET_ITEM(items, self->next++));
    }
    self->items = NULL;
    Py_DECREF(items); /* without a lock, two threads may both do this */
    return NULL;
}

static PyObject *
walk_next(PyObject *op)
{
    PyObject *item;
#ifdef BUG
    item = step((Walk *)op);
#else
    Py_BEGIN_CRITICAL_SECTION(op);
    item = step((Walk *)op);
    Py_END_CRITICAL_SECTION();
#endif
    return item;
}

static void
walk_dealloc(PyObject *op)
{
    Py_XDECREF(((Walk *)op)->items);
    Py_TYPE(op)->tp_free(op);
}

static PyTypeObject Walk_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "walk.Walk",
    .tp_basicsize = sizeof(Walk),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = walk_new,
    .tp_dealloc = walk_dealloc,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = walk_next,
};

MODULE(walk, NULL, &Walk_Type)
