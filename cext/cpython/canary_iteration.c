/* canary_iteration.c -- canaries as iterators, context managers and awaitables. */
#include <Python.h>

#include "cpython/canary_child.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_variant.h"

/* A canary is its own iterator; iter() starts it anew. */
static PyObject *
started(PyObject *self, int slot)
{
    rr_canary *const c = rr_touch(self, slot);
    if (c == NULL) {
        return NULL;
    }
    atomic_store(&c->position, 0);
    return Py_NewRef(self);
}

/* The next of RR_LENGTH items; NULL without an exception: there are no more. */
static PyObject *
advanced(PyObject *self, int slot)
{
    rr_canary *const c = rr_touch(self, slot);
    if (c == NULL) {
        return NULL;
    }
    const int64_t position = atomic_fetch_add(&c->position, 1);
    if (position >= RR_LENGTH) {
        return NULL;
    }
    return rr_canary_child(c, slot, (int64_t)((uint64_t)c->value + (uint64_t)position));
}

static PyObject *
canary_iter(PyObject *self)
{
    return started(self, RR_SLOT_iter);
}

static PyObject *
canary_next(PyObject *self)
{
    return advanced(self, RR_SLOT_next);
}

static PyObject *
canary_aiter(PyObject *self)
{
    return started(self, RR_SLOT_aiter);
}

static PyObject *
canary_anext(PyObject *self)
{
    PyObject *const item = advanced(self, RR_SLOT_anext);
    if (item == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopAsyncIteration);
    }
    return item;
}

/* An iterator that ends at once: awaiting a canary gives None. */
static PyObject *
canary_await(PyObject *self)
{
    if (rr_touch(self, RR_SLOT_await) == NULL) {
        return NULL;
    }
    PyObject *const nothing = PyTuple_New(0);
    PyObject *const iterator = nothing == NULL ? NULL : PyObject_GetIter(nothing);
    Py_XDECREF(nothing);
    return iterator;
}

static PyObject *
canary_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    const rr_canary *const c = rr_touch(self, RR_SLOT_enter);
    return c == NULL ? NULL : rr_canary_child(c, RR_SLOT_enter, c->value);
}

static PyObject *
canary_exit(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    return rr_touch(self, RR_SLOT_exit) == NULL ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef context_methods[] = {
    {"__enter__", canary_enter, METH_NOARGS, "Return a new canary."},
    {"__exit__", canary_exit, METH_VARARGS, "Return None."},
    {0},
};

void
rr_variant_add_iteration(rr_variant *variant)
{
    if (RR_HAS(variant->supports, iterator)) {
        variant->type.tp_iter = canary_iter;
        variant->type.tp_iternext = canary_next;
    }
    if (RR_HAS(variant->supports, context)) {
        variant->type.tp_methods = context_methods;
    }
    if (RR_HAS(variant->supports, async)) {
        variant->async = (PyAsyncMethods){
            .am_await = canary_await,
            .am_aiter = canary_aiter,
            .am_anext = canary_anext,
        };
        variant->type.tp_as_async = &variant->async;
    }
}
