/* unusual.c -- correct code to which the redirection of imports must do nothing else. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <stdlib.h>

/* ---- its own operators new and delete, which allocate a header too -------------------- */

enum { HEADER = 16 };

void *_Znwm(size_t n);
void _ZdlPv(void *p);

void *
_Znwm(size_t n)
{
    char *p = malloc(n + HEADER);
    return p == NULL ? NULL : p + HEADER;
}

void
_ZdlPv(void *p)
{
    free((char *)p - HEADER);
}

static void *kept;

static PyObject *
make(PyObject *module, PyObject *unused)
{
    kept = _Znwm(100);
    Py_RETURN_NONE;
}

static PyObject *
drop(PyObject *module, PyObject *unused)
{
    _ZdlPv(kept);
    Py_RETURN_NONE;
}

/* ---- a function of the C API that is compared ---------------------------------------- */

static PyObject *
is_generic(PyObject *module, PyObject *object)
{
    return PyBool_FromLong(Py_TYPE(object)->tp_getattro == PyObject_GenericGetAttr);
}

/* ---- many calls, and a thread of its own --------------------------------------------- */

static PyObject *
release_often(PyObject *module, PyObject *times)
{
    for (long i = PyLong_AsLong(times); i > 0; i--) {
        PyThreadState *state = PyEval_SaveThread();
        PyEval_RestoreThread(state);
    }
    Py_RETURN_NONE;
}

static void *
go_on(void *unused)
{
    PyGILState_STATE before = PyGILState_Ensure();
    for (;;) {
        PyThreadState *state = PyEval_SaveThread();
        PyEval_RestoreThread(state);
    }
    PyGILState_Release(before);
    return NULL;
}

static PyObject *
start(PyObject *module, PyObject *unused)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, go_on, NULL) != 0) {
        return PyErr_NoMemory();
    }
    (void)pthread_detach(thread);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"make", make, METH_NOARGS, NULL},
    {"drop", drop, METH_NOARGS, NULL},
    {"is_generic", is_generic, METH_O, NULL},
    {"release_often", release_often, METH_O, NULL},
    {"start", start, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "unusual", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_unusual(void)
{
    return PyModule_Create(&definition);
}
