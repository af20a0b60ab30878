/* vector.c -- a growing array of objects. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject **items;
    Py_ssize_t size;
    Py_ssize_t room;
} Vector;

static PyTypeObject Vector_Type;

static int
append(Vector *self, PyObject *item)
{
    if (self->size == self->room) {
        Py_ssize_t room = self->room == 0 ? 4 : 2 * self->room;
        PyObject **items = PyMem_Malloc((size_t)room * sizeof *items);
        if (items == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = 0; i < self->size; i++) {
            items[i] = self->items[i];
        }
        PyMem_Free(self->items);
        self->items = items;
        self->room = room;
    }
    self->items[self->size++] = Py_NewRef(item);
    return 0;
}

static PyObject *
vector_append(PyObject *op, PyObject *item)
{
    int status;
    Py_BEGIN_CRITICAL_SECTION(op);
    status = append((Vector *)op, item);
    Py_END_CRITICAL_SECTION();
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* Return new references to what is in a vector now. */
static PyObject *
vector_to_list(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Vector *self = (Vector *)op;
    PyObject *list;
    Py_BEGIN_CRITICAL_SECTION(op);
    list = PyList_New(self->size);
    for (Py_ssize_t i = 0; list != NULL && i < self->size; i++) {
        PyList_SET_ITEM(list, i, Py_NewRef(self->items[i]));
    }
    Py_END_CRITICAL_SECTION();
    return list;
}

static PyObject *
vector_extend(PyObject *op, PyObject *other)
{
    if (!PyObject_TypeCheck(other, &Vector_Type)) {
        PyErr_SetString(PyExc_TypeError, "extend by a Vector");
        return NULL;
    }
    PyObject *result = Py_None;
#ifdef BUG
    PyObject **items = ((Vector *)other)->items;  /* moves if both are the same */
    Py_ssize_t size = ((Vector *)other)->size;
    for (Py_ssize_t i = 0; result != NULL && i < size; i++) {
        result = append((Vector *)op, items[i]) < 0 ? NULL : Py_None;
    }
#else
    PyObject *list = vector_to_list(other, NULL);
    if (list == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    for (Py_ssize_t i = 0; result != NULL && i < PyList_GET_SIZE(list); i++) {
        result = append((Vector *)op, PyList_GET_ITEM(list, i)) < 0 ? NULL : Py_None;
    }
    Py_END_CRITICAL_SECTION();
    Py_DECREF(list);
#endif
    return Py_XNewRef(result);
}

static void
vector_dealloc(PyObject *op)
{
    Vector *self = (Vector *)op;
    for (Py_ssize_t i = 0; i < self->size; i++) {
        Py_DECREF(self->items[i]);
    }
    PyMem_Free(self->items);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef vector_methods[] = {
    {"append", vector_append, METH_O, "Add an item."},
    {"extend", vector_extend, METH_O, "Add the items of a vector."},
    {"to_list", vector_to_list, METH_NOARGS, "Return the items."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Vector_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "vector.Vector",
    .tp_basicsize = sizeof(Vector),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = vector_dealloc,
    .tp_methods = vector_methods,
};

MODULE(vector, NULL, &Vector_Type)
