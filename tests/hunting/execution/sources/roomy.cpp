// roomy.cpp -- makes room by operator new, which throws where there is none.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <new>

static PyObject *
has_room(PyObject *, PyObject *size)
{
    std::size_t n = PyLong_AsSize_t(size);
    if (PyErr_Occurred()) {
        return nullptr;
    }
    try {
        volatile char *room = static_cast<char *>(::operator new(n));
        room[0] = 1;
        ::operator delete(const_cast<char *>(room));
    }
    catch (const std::bad_alloc &) {
        Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

static PyMethodDef methods[] = {
    {"has_room", has_room, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "roomy", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr,
};

PyMODINIT_FUNC
PyInit_roomy()
{
    return PyModule_Create(&definition);
}
