/* share.c -- handles of one block of C memory, which counts them itself. */
#include "compat.h"

typedef struct {
    Py_ssize_t handles;
    PyObject *value;
} block;

typedef struct {
    PyObject_HEAD
    block *shared;
} Share;

#ifdef BUG
/* Correct with the GIL only: without it, an increment may be lost. */
static void
take(block *shared)
{
    shared->handles++;
}

static int
leave(block *shared)
{
    return --shared->handles == 0;
}
#else
static void
take(block *shared)
{
    __atomic_add_fetch(&shared->handles, 1, __ATOMIC_RELAXED);
}

static int
leave(block *shared)
{
    return __atomic_sub_fetch(&shared->handles, 1, __ATOMIC_ACQ_REL) == 0;
}
#endif

static PyObject *
share_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named))
{
    PyObject *value;
    if (!PyArg_ParseTuple(args, "O:Share", &value)) {
        return NULL;
    }
    Share *self = (Share *)type->tp_alloc(type, 0);
    if (self != NULL && (self->shared = PyMem_Malloc(sizeof(block))) == NULL) {
        Py_CLEAR(self);
        PyErr_NoMemory();
    }
    if (self != NULL) {
        *self->shared = (block){1, Py_NewRef(value)};
    }
    return (PyObject *)self;
}

static PyObject *
share_clone(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Share *made = (Share *)Py_TYPE(op)->tp_alloc(Py_TYPE(op), 0);
    if (made != NULL) {
        made->shared = ((Share *)op)->shared;
        take(made->shared);
    }
    return (PyObject *)made;
}

static void
share_dealloc(PyObject *op)
{
    block *shared = ((Share *)op)->shared;
    if (shared != NULL && leave(shared)) {
        Py_DECREF(shared->value);
        PyMem_Free(shared);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef share_methods[] = {
    {"clone", share_clone, METH_NOARGS, "Return another handle of the same block."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Share_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "share.Share",
    .tp_basicsize = sizeof(Share),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = share_new,
    .tp_dealloc = share_dealloc,
    .tp_methods = share_methods,
};

MODULE(share, NULL, &Share_Type)
