/* late.c -- counters with a window of some nanoseconds, for pauses to be met in. */
#include <Python.h>

static volatile long count;

/* The GIL is released between reading and writing, for nothing. */
static PyObject *
add_released(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    Py_BEGIN_ALLOW_THREADS
    Py_END_ALLOW_THREADS
    count = seen + 1;
    Py_RETURN_NONE;
}

/* Between them is a call that neither releases the GIL nor takes a lock. */
static PyObject *
add_attached(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    PyObject *unused = PyTuple_New(1);
    if (unused == NULL) {
        return NULL;
    }
    count = seen + 1;
    Py_DECREF(unused);
    Py_RETURN_NONE;
}

/* Between them is Python code. */
static PyObject *
add_calling(PyObject *Py_UNUSED(module), PyObject *callback)
{
    long seen = count;
    PyObject *unused = PyObject_CallNoArgs(callback);
    if (unused == NULL) {
        return NULL;
    }
    count = seen + 1;
    Py_DECREF(unused);
    Py_RETURN_NONE;
}

static PyObject *
taken(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    count = 0;
    return PyLong_FromLong(seen);
}

static PyMethodDef methods[] = {
    {"add_released", add_released, METH_NOARGS, NULL},
    {"add_attached", add_attached, METH_NOARGS, NULL},
    {"add_calling", add_calling, METH_O, NULL},
    {"taken", taken, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "late",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_late(void)
{
    return PyModuleDef_Init(&definition);
}
