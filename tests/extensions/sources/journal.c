/* journal.c -- an array of entries, each formatted by a function of the user. */
#include "compat.h"

#define LIMIT 256

typedef struct {
    PyObject_HEAD
    PyObject *format;
    PyObject *entries[LIMIT];
    Py_ssize_t size;
} Journal;

static int
journal_init(PyObject *op, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *format;
    if (!PyArg_ParseTuple(args, "O:Journal", &format)) {
        return -1;
    }
    Py_XSETREF(((Journal *)op)->format, Py_NewRef(format));
    return 0;
}

static void
journal_dealloc(PyObject *op)
{
    Journal *self = (Journal *)op;
    for (Py_ssize_t i = 0; i < self->size; i++) {
        Py_DECREF(self->entries[i]);
    }
    Py_XDECREF(self->format);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
journal_append(PyObject *op, PyObject *value)
{
    Journal *self = (Journal *)op;
#ifdef BUG
    Py_ssize_t place = self->size;
    PyObject *entry = PyObject_CallOneArg(self->format, value);
    if (entry == NULL) {
        return NULL;
    }
#else
    PyObject *entry = PyObject_CallOneArg(self->format, value);
    if (entry == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    Py_ssize_t place = self->size;
#endif
    if (place < LIMIT) {
        self->entries[place] = entry;  /* the bug: others may have appended since */
        self->size = place + 1;
        entry = NULL;
    }
#ifndef BUG
    Py_END_CRITICAL_SECTION();
#endif
    if (entry != NULL) {
        Py_DECREF(entry);
        PyErr_SetString(PyExc_IndexError, "the journal is full");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
journal_entries(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Journal *self = (Journal *)op;
    PyObject *entries[LIMIT];
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(op);
    size = self->size;
    for (Py_ssize_t i = 0; i < size; i++) {
        entries[i] = Py_NewRef(self->entries[i]);
    }
    Py_END_CRITICAL_SECTION();
    PyObject *list = PyList_New(size);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (list != NULL) {
            PyList_SET_ITEM(list, i, entries[i]);
        }
        else {
            Py_DECREF(entries[i]);
        }
    }
    return list;
}

static PyMethodDef journal_methods[] = {
    {"append", journal_append, METH_O, "Append format(value)."},
    {"entries", journal_entries, METH_NOARGS, "Return all entries as a list."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Journal_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "journal.Journal",
    .tp_basicsize = sizeof(Journal),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = journal_init,
    .tp_dealloc = journal_dealloc,
    .tp_methods = journal_methods,
};

MODULE(journal, NULL, &Journal_Type)
