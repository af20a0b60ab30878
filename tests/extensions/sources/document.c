/* document.c -- a document whose digest is computed with the GIL released. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *title;
    Py_ssize_t size;
} Document;

static int
document_init(PyObject *op, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Document *self = (Document *)op;
    PyObject *title;
    if (!PyArg_ParseTuple(args, "On:Document", &title, &self->size)) {
        return -1;
    }
    Py_XSETREF(self->title, Py_NewRef(title));
    return 0;
}

static void
document_dealloc(PyObject *op)
{
    Py_XDECREF(((Document *)op)->title);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
document_rename(PyObject *op, PyObject *title)
{
    Document *self = (Document *)op;
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = self->title;
    self->title = Py_NewRef(title);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static unsigned long
digest_of(Py_ssize_t size)
{
    unsigned long digest = 2166136261u;
    for (Py_ssize_t i = 0; i < size; i++) {
        digest = (digest ^ (unsigned long)(i & 255)) * 16777619u;
    }
    return digest & 0xffffffff;
}

static PyObject *
document_seal(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Document *self = (Document *)op;
    PyObject *title;
    unsigned long digest;
#ifdef BUG
    title = self->title;  /* borrowed while other threads may rename */
#else
    Py_BEGIN_CRITICAL_SECTION(op);
    title = Py_XNewRef(self->title);
    Py_END_CRITICAL_SECTION();
#endif
    Py_ssize_t size = self->size;
    Py_BEGIN_ALLOW_THREADS
    digest = digest_of(size);
    Py_END_ALLOW_THREADS
#ifdef BUG
    return Py_BuildValue("Ok", title, digest);
#else
    return Py_BuildValue("Nk", title, digest);
#endif
}

static PyMethodDef document_methods[] = {
    {"rename", document_rename, METH_O, "Replace the title."},
    {"seal", document_seal, METH_NOARGS, "Return the title and a digest."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Document_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "document.Document",
    .tp_basicsize = sizeof(Document),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = document_init,
    .tp_dealloc = document_dealloc,
    .tp_methods = document_methods,
};

MODULE(document, NULL, &Document_Type)
