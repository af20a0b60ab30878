/* throws.cpp -- throws and catches an exception of C++ below calls of the C API. */
#include <Python.h>

static PyObject *
call(PyObject *, PyObject *callable)
{
    return PyObject_CallNoArgs(callable);
}

static PyObject *
catches(PyObject *, PyObject *)
{
    try {
        PyObject *made = PyTuple_New(1);
        Py_XDECREF(made);
        throw 7;
    }
    catch (int thrown) {
        return PyLong_FromLong(thrown);
    }
}

static PyMethodDef methods[] = {
    {"call", call, METH_O, nullptr},
    {"catches", catches, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "throws", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr,
};

PyMODINIT_FUNC
PyInit_throws(void)
{
    PyObject *module = PyModule_Create(&definition);
#ifdef Py_GIL_DISABLED
    if (module != nullptr) {
        PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
    }
#endif
    return module;
}
