/* forwarding.c -- an order that ends with a jump into that of an item it has borrowed. */
#include <Python.h>

typedef struct Holder {
    PyObject ob_base;
    PyObject *item;
} Holder;

static PyObject *
set(PyObject *self, PyObject *item)
{
    Py_XSETREF(((Holder *)self)->item, Py_NewRef(item));
    Py_RETURN_NONE;
}

static PyObject *
compare(PyObject *self, PyObject *other, int operation)
{
    return PyObject_RichCompare(((Holder *)self)->item, other, operation);
}

static void
release(PyObject *self)
{
    Py_XDECREF(((Holder *)self)->item);
    PyObject_Free(self);
}

static PyMethodDef methods[] = {{"set", set, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static PyTypeObject holder_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "forwarding.Holder",
    .tp_basicsize = sizeof(Holder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = release,
    .tp_richcompare = compare,
    .tp_methods = methods,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "forwarding",
    .m_size = -1,
};

PyMODINIT_FUNC
PyInit_forwarding(void)
{
    PyObject *const module = PyModule_Create(&definition);
    if (module != NULL && PyModule_AddType(module, &holder_type) < 0) {
        Py_DECREF(module);
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    if (module != NULL) {
        PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
    }
#endif
    return module;
}
