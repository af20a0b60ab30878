/* vault.c -- one value behind a native lock. */
#include "compat.h"

#include <pthread.h>

typedef struct {
    PyObject_HEAD
    pthread_mutex_t lock;
    PyObject *value;
} Vault;

static PyObject *
vault_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Vault *self = (Vault *)type->tp_alloc(type, 0);
    if (self != NULL) {
        pthread_mutex_init(&self->lock, NULL);
    }
    return (PyObject *)self;
}

static void
vault_dealloc(PyObject *op)
{
    Py_XDECREF(((Vault *)op)->value);
    pthread_mutex_destroy(&((Vault *)op)->lock);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
vault_put(PyObject *op, PyObject *value)
{
    Vault *self = (Vault *)op;
    pthread_mutex_lock(&self->lock);
    PyObject *old = self->value;
    self->value = Py_NewRef(value);
#ifdef BUG
    Py_XDECREF(old);  /* a finaliser may use the vault, or let another thread run */
    pthread_mutex_unlock(&self->lock);
#else
    pthread_mutex_unlock(&self->lock);
    Py_XDECREF(old);
#endif
    Py_RETURN_NONE;
}

static PyObject *
vault_get(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Vault *self = (Vault *)op;
    pthread_mutex_lock(&self->lock);
    PyObject *value = Py_NewRef(self->value == NULL ? Py_None : self->value);
    pthread_mutex_unlock(&self->lock);
    return value;
}

static PyMethodDef vault_methods[] = {
    {"put", vault_put, METH_O, "Replace the value."},
    {"get", vault_get, METH_NOARGS, "Return the value; None if there is none."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Vault_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "vault.Vault",
    .tp_basicsize = sizeof(Vault),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = vault_new,
    .tp_dealloc = vault_dealloc,
    .tp_methods = vault_methods,
};

MODULE(vault, NULL, &Vault_Type)
