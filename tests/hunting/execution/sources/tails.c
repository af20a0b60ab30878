/* tails.c -- a proxy whose hash jumps to PyObject_Hash, and so to that of the next. */
#include <Python.h>

typedef struct {
    PyObject_HEAD
    PyObject *inner;
} Proxy;

static PyObject *
proxy_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named))
{
    PyObject *inner;
    if (!PyArg_ParseTuple(args, "O", &inner)) {
        return NULL;
    }
    Proxy *self = (Proxy *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->inner = Py_NewRef(inner);
    }
    return (PyObject *)self;
}

static void
proxy_dealloc(PyObject *self)
{
    Py_DECREF(((Proxy *)self)->inner);
    Py_TYPE(self)->tp_free(self);
}

static Py_hash_t
proxy_hash(PyObject *self)
{
    return PyObject_Hash(((Proxy *)self)->inner);
}

static PyTypeObject ProxyType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "tails.Proxy",
    .tp_basicsize = sizeof(Proxy),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = proxy_new,
    .tp_dealloc = proxy_dealloc,
    .tp_hash = proxy_hash,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "tails", .m_size = -1,
};

PyMODINIT_FUNC
PyInit_tails(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || PyModule_AddType(module, &ProxyType) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    return module;
}
