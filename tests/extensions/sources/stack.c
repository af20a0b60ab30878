/* stack.c -- a stack and its iterator. */
#include "compat.h"

#define LIMIT 64

typedef struct {
    PyObject_HEAD
    PyObject *items[LIMIT];
    Py_ssize_t size;
} Stack;

typedef struct {
    PyObject_HEAD
    Stack *stack;
    Py_ssize_t next;
} Iterator;

static PyObject *
iterator_next(PyObject *op)
{
    Iterator *self = (Iterator *)op;
    Stack *stack = self->stack;
    PyObject *item = NULL;
    Py_BEGIN_CRITICAL_SECTION(stack);
    if (self->next < stack->size) {
        item = Py_NewRef(stack->items[self->next++]);
    }
    Py_END_CRITICAL_SECTION();
    return item;
}

static void
iterator_dealloc(PyObject *op)
{
#ifndef BUG
    Py_DECREF(((Iterator *)op)->stack);
#endif
    PyObject_Free(op);
}

static PyTypeObject Iterator_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "stack.Iterator",
    .tp_basicsize = sizeof(Iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = iterator_dealloc,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
};

static PyObject *
stack_iter(PyObject *op)
{
    Iterator *iterator = PyObject_New(Iterator, &Iterator_Type);
    if (iterator == NULL) {
        return NULL;
    }
#ifdef BUG
    iterator->stack = (Stack *)op;  /* nothing keeps the stack alive */
#else
    iterator->stack = (Stack *)Py_NewRef(op);
#endif
    iterator->next = 0;
    return (PyObject *)iterator;
}

static PyObject *
stack_push(PyObject *op, PyObject *item)
{
    Stack *self = (Stack *)op;
    int is_full;
    Py_BEGIN_CRITICAL_SECTION(op);
    is_full = self->size == LIMIT;
    if (!is_full) {
        self->items[self->size++] = Py_NewRef(item);
    }
    Py_END_CRITICAL_SECTION();
    if (is_full) {
        PyErr_SetString(PyExc_IndexError, "the stack is full");
        return NULL;
    }
    Py_RETURN_NONE;
}

static void
stack_dealloc(PyObject *op)
{
    Stack *self = (Stack *)op;
    for (Py_ssize_t i = 0; i < self->size; i++) {
        Py_DECREF(self->items[i]);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef stack_methods[] = {
    {"push", stack_push, METH_O, "Add an item at the top."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Stack_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "stack.Stack",
    .tp_basicsize = sizeof(Stack),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = stack_dealloc,
    .tp_iter = stack_iter,
    .tp_methods = stack_methods,
};

MODULE(stack, NULL, &Stack_Type, &Iterator_Type)
