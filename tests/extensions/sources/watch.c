/* watch.c -- calls a function when an object dies, through a weak reference. */
#include "compat.h"

/* One watched object at a time, to keep it short. */
typedef struct {
    PyObject_HEAD
    PyObject *reference;
    PyObject *function;
} Watch;

static void
take(Watch *self, PyObject **reference, PyObject **function)
{
    Py_BEGIN_CRITICAL_SECTION(self);
    *reference = self->reference;
    *function = self->function;
    self->reference = self->function = NULL;
    Py_END_CRITICAL_SECTION();
}

static PyObject *
watch_cancel(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *reference, *function;
    take((Watch *)op, &reference, &function);
    Py_XDECREF(reference);
    Py_XDECREF(function);
    Py_RETURN_NONE;
}

/* The callback of the weak reference. */
static PyObject *
watch_died(PyObject *op, PyObject *Py_UNUSED(reference))
{
    Watch *self = (Watch *)op;
#ifdef BUG
    PyObject *function = self->function;
    if (function == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *result = PyObject_CallNoArgs(function);  /* which may cancel the watch */
    Py_XDECREF(result);
    Py_DECREF(function);
    self->function = NULL;
    Py_CLEAR(self->reference);
#else
    PyObject *reference, *function;
    take(self, &reference, &function);
    PyObject *result = function == NULL ? Py_NewRef(Py_None) : PyObject_CallNoArgs(function);
    Py_XDECREF(result);
    Py_XDECREF(function);
    Py_XDECREF(reference);
#endif
    if (result == NULL) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
watch_start(PyObject *op, PyObject *args)
{
    Watch *self = (Watch *)op;
    PyObject *watched, *function;
    if (!PyArg_ParseTuple(args, "OO:start", &watched, &function)) {
        return NULL;
    }
    PyObject *died = PyObject_GetAttrString(op, "_died");
    PyObject *reference = died == NULL ? NULL : PyWeakref_NewRef(watched, died);
    Py_XDECREF(died);
    if (reference == NULL) {
        return NULL;
    }
    PyObject *old_reference, *old_function;
    Py_BEGIN_CRITICAL_SECTION(op);
    old_reference = self->reference;
    old_function = self->function;
    self->reference = reference;
    self->function = Py_NewRef(function);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old_reference);
    Py_XDECREF(old_function);
    Py_RETURN_NONE;
}

static int
watch_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Watch *)op)->reference);
    Py_VISIT(((Watch *)op)->function);
    return 0;
}

static int
watch_clear(PyObject *op)
{
    Py_CLEAR(((Watch *)op)->reference);
    Py_CLEAR(((Watch *)op)->function);
    return 0;
}

static void
watch_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    watch_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef watch_methods[] = {
    {"start", watch_start, METH_VARARGS, "Call a function when an object dies."},
    {"cancel", watch_cancel, METH_NOARGS, "Do not call it."},
    {"_died", watch_died, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Watch_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "watch.Watch",
    .tp_basicsize = sizeof(Watch),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_traverse = watch_traverse,
    .tp_clear = watch_clear,
    .tp_dealloc = watch_dealloc,
    .tp_methods = watch_methods,
};

MODULE(watch, NULL, &Watch_Type)
