/* tables.h -- methods of races.c on a dict that dies while another thread uses it. */
#ifndef TABLES_H
#define TABLES_H

static PyObject *
renew(Races *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *old = self->item;
    self->item = PyDict_New();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

/* The wrong form does not keep the dict while it lets others in. */
static PyObject *
note(Races *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *table = self->item;
#ifndef BUG
    Py_INCREF(table);
#endif
    Py_BEGIN_ALLOW_THREADS
    self->count++;
    Py_END_ALLOW_THREADS
    int status = PyDict_SetItem(table, Py_None, Py_None);
#ifndef BUG
    Py_DECREF(table);
#endif
    return status == 0 ? Py_NewRef(Py_None) : NULL;
}

#endif
