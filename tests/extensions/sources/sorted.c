/* sorted.c -- a set that is kept in order by `<` alone. */
#include "compat.h"

#define LIMIT 64

typedef struct {
    PyObject_HEAD
    PyObject *items[LIMIT];
    Py_ssize_t size;
} SortedSet;

#ifndef BUG
/* Return a new reference to an item, or NULL if there is none by now. */
static PyObject *
item_at(SortedSet *self, Py_ssize_t index)
{
    PyObject *item = NULL;
    Py_BEGIN_CRITICAL_SECTION(self);
    if (index < self->size) {
        item = Py_NewRef(self->items[index]);
    }
    Py_END_CRITICAL_SECTION();
    return item;
}
#endif

static Py_ssize_t
size_of(SortedSet *self)
{
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(self);
    size = self->size;
    Py_END_CRITICAL_SECTION();
    return size;
}

static PyObject *
sorted_add(PyObject *op, PyObject *value)
{
    SortedSet *self = (SortedSet *)op;
    Py_ssize_t low = 0, high = size_of(self);
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
#ifdef BUG
        PyObject *item = self->items[middle];  /* `<` may clear the set */
#else
        PyObject *item = item_at(self, middle);
        if (item == NULL) {
            break;
        }
#endif
        int is_less = PyObject_RichCompareBool(item, value, Py_LT);
        int is_greater = 0;
        if (is_less == 0) {
            is_greater = PyObject_RichCompareBool(value, item, Py_LT);
        }
#ifndef BUG
        Py_DECREF(item);
#endif
        if (is_less < 0 || is_greater < 0) {
            return NULL;
        }
        if (!is_less && !is_greater) {
            Py_RETURN_NONE;
        }
        if (is_less) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    int is_full;
    Py_BEGIN_CRITICAL_SECTION(op);
    is_full = self->size == LIMIT;
    if (!is_full) {
        low = low > self->size ? self->size : low;
        for (Py_ssize_t i = self->size++; i > low; i--) {
            self->items[i] = self->items[i - 1];
        }
        self->items[low] = Py_NewRef(value);
    }
    Py_END_CRITICAL_SECTION();
    if (is_full) {
        PyErr_SetString(PyExc_IndexError, "the set is full");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
sorted_clear(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    SortedSet *self = (SortedSet *)op;
    PyObject *items[LIMIT];
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(op);
    size = self->size;
    memcpy(items, self->items, (size_t)size * sizeof *items);
    self->size = 0;
    Py_END_CRITICAL_SECTION();
    while (size-- > 0) {
        Py_DECREF(items[size]);
    }
    Py_RETURN_NONE;
}

static Py_ssize_t
sorted_length(PyObject *op)
{
    return size_of((SortedSet *)op);
}

static void
sorted_dealloc(PyObject *op)
{
    Py_XDECREF(sorted_clear(op, NULL));
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef sorted_methods[] = {
    {"add", sorted_add, METH_O, "Add an item, unless an equal one is there."},
    {"clear", sorted_clear, METH_NOARGS, "Remove all items."},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods sorted_as_sequence = {.sq_length = sorted_length};

static PyTypeObject SortedSet_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "sorted.SortedSet",
    .tp_basicsize = sizeof(SortedSet),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = sorted_dealloc,
    .tp_as_sequence = &sorted_as_sequence,
    .tp_methods = sorted_methods,
};

MODULE(sorted, NULL, &SortedSet_Type)
