/* meter.c -- measures texts under a native lock, with the GIL released. */
#include "compat.h"

#include <pthread.h>

typedef struct {
    PyObject_HEAD
    pthread_mutex_t lock;
    unsigned long digest;
} Meter;

static PyObject *
meter_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Meter *self = (Meter *)type->tp_alloc(type, 0);
    if (self != NULL) {
        pthread_mutex_init(&self->lock, NULL);
    }
    return (PyObject *)self;
}

static void
meter_dealloc(PyObject *op)
{
    pthread_mutex_destroy(&((Meter *)op)->lock);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
meter_measure(PyObject *op, PyObject *args)
{
    Meter *self = (Meter *)op;
    Py_ssize_t size;
    unsigned long digest;
    if (!PyArg_ParseTuple(args, "n:measure", &size)) {
        return NULL;
    }
#ifdef BUG
    pthread_mutex_lock(&self->lock);  /* waits with the GIL, which the owner needs */
    Py_BEGIN_ALLOW_THREADS
#else
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->lock);
#endif
    for (Py_ssize_t i = 0; i < size; i++) {
        self->digest += (unsigned long)(i * i) ^ (unsigned long)size;
    }
    digest = self->digest;
#ifdef BUG
    Py_END_ALLOW_THREADS
    pthread_mutex_unlock(&self->lock);
#else
    pthread_mutex_unlock(&self->lock);
    Py_END_ALLOW_THREADS
#endif
    return PyLong_FromUnsignedLong(digest);
}

static PyMethodDef meter_methods[] = {
    {"measure", meter_measure, METH_VARARGS, "Add to the digest, and return it."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Meter_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "meter.Meter",
    .tp_basicsize = sizeof(Meter),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = meter_new,
    .tp_dealloc = meter_dealloc,
    .tp_methods = meter_methods,
};

MODULE(meter, NULL, &Meter_Type)
