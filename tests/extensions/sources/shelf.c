/* shelf.c -- a list of objects, of which the first can be looked at. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *items;
} Shelf;

static PyObject *
shelf_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(named))
{
    Shelf *self = (Shelf *)type->tp_alloc(type, 0);
    if (self != NULL && (self->items = PyList_New(0)) == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyObject *
shelf_push(PyObject *op, PyObject *item)
{
    return PyList_Append(((Shelf *)op)->items, item) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
shelf_first(PyObject *op, PyObject *Py_UNUSED(ignored))
{
#ifdef BUG
    /* Correct with the GIL only: without it, the item may be gone before the increment. */
    return Py_XNewRef(PyList_GetItem(((Shelf *)op)->items, 0));
#else
    return PyList_GetItemRef(((Shelf *)op)->items, 0);
#endif
}

static PyObject *
shelf_pop(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethod(((Shelf *)op)->items, "pop", "i", 0);
}

static void
shelf_dealloc(PyObject *op)
{
    Py_XDECREF(((Shelf *)op)->items);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef shelf_methods[] = {
    {"push", shelf_push, METH_O, "Add an item."},
    {"first", shelf_first, METH_NOARGS, "Return the first item."},
    {"pop", shelf_pop, METH_NOARGS, "Remove and return the first item."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Shelf_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "shelf.Shelf",
    .tp_basicsize = sizeof(Shelf),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = shelf_new,
    .tp_dealloc = shelf_dealloc,
    .tp_methods = shelf_methods,
};

MODULE(shelf, NULL, &Shelf_Type)
