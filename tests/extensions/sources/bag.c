/* bag.c -- objects in an array that grows with realloc. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject **items;
    Py_ssize_t size;
    Py_ssize_t room;
} Bag;

#ifdef BUG
/* Correct with the GIL only: without it, two threads may resize the same array. */
#define BEGIN_EXCLUSIVE(op) {
#define END_EXCLUSIVE() }
#else
#define BEGIN_EXCLUSIVE(op) Py_BEGIN_CRITICAL_SECTION(op)
#define END_EXCLUSIVE() Py_END_CRITICAL_SECTION()
#endif

static int
add(Bag *self, PyObject *item)
{
    if (self->size == self->room) {
        Py_ssize_t room = self->room + 2 + self->room / 2;
        PyObject **items = PyMem_Realloc(self->items, (size_t)room * sizeof *items);
        if (items == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->items = items;
        self->room = room;
    }
    self->items[self->size++] = Py_NewRef(item);
    return 0;
}

static PyObject *
bag_add(PyObject *op, PyObject *item)
{
    int status;
    BEGIN_EXCLUSIVE(op);
    status = add((Bag *)op, item);
    END_EXCLUSIVE();
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
bag_last(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Bag *self = (Bag *)op;
    PyObject *item;
    BEGIN_EXCLUSIVE(op);
    item = Py_NewRef(self->size == 0 ? Py_None : self->items[self->size - 1]);
    END_EXCLUSIVE();
    return item;
}

static void
bag_dealloc(PyObject *op)
{
    Bag *self = (Bag *)op;
    for (Py_ssize_t i = 0; i < self->size; i++) {
        Py_DECREF(self->items[i]);
    }
    PyMem_Free(self->items);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef bag_methods[] = {
    {"add", bag_add, METH_O, "Add an item."},
    {"last", bag_last, METH_NOARGS, "Return the last item, or None."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Bag_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "bag.Bag",
    .tp_basicsize = sizeof(Bag),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = bag_dealloc,
    .tp_methods = bag_methods,
};

MODULE(bag, NULL, &Bag_Type)
