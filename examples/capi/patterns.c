/* patterns.c -- three patterns of the gallery in C-API code, buggy and fixed. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <unistd.h>

/* borrow-across-callback: __eq__ may remove the item from the list. */

static PyObject *
first_if_not_buggy(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *list, *value;
    if (!PyArg_ParseTuple(args, "O!O", &PyList_Type, &list, &value)) {
        return NULL;
    }
    PyObject *first = PyList_GetItem(list, 0);  /* borrowed */
    if (first == NULL || PyObject_RichCompareBool(first, value, Py_EQ) < 0) {
        return NULL;
    }
    return PyObject_Repr(first);
}

static PyObject *
first_if_not_fixed(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *list, *value;
    if (!PyArg_ParseTuple(args, "O!O", &PyList_Type, &list, &value)) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *first = Py_XNewRef(PyList_GetItem(list, 0));
    if (first != NULL && PyObject_RichCompareBool(first, value, Py_EQ) >= 0) {
        result = PyObject_Repr(first);
    }
    Py_XDECREF(first);
    return result;
}

/* borrow-across-gil-release: other threads run while this one waits. */

static int
wait_for_byte(int started, int go)
{
    char byte = 0;
    ssize_t moved;
    Py_BEGIN_ALLOW_THREADS
    moved = write(started, &byte, 1);
    if (moved == 1) {
        moved = read(go, &byte, 1);
    }
    Py_END_ALLOW_THREADS
    if (moved != 1) {
        PyErr_SetString(PyExc_OSError, "the pipe is broken");
        return -1;
    }
    return 0;
}

static PyObject *
first_after_wait_buggy(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *list;
    int started, go;
    if (!PyArg_ParseTuple(args, "O!ii", &PyList_Type, &list, &started, &go)) {
        return NULL;
    }
    PyObject *first = PyList_GetItem(list, 0);  /* borrowed */
    if (first == NULL || wait_for_byte(started, go) < 0) {
        return NULL;
    }
    return PyObject_Repr(first);
}

static PyObject *
first_after_wait_fixed(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *list;
    int started, go;
    if (!PyArg_ParseTuple(args, "O!ii", &PyList_Type, &list, &started, &go)) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *first = Py_XNewRef(PyList_GetItem(list, 0));
    if (first != NULL && wait_for_byte(started, go) == 0) {
        result = PyObject_Repr(first);
    }
    Py_XDECREF(first);
    return result;
}

/* wrong-release-order: the value's finaliser reads the holder. */

typedef struct {
    PyObject_HEAD
    PyObject *value;
} Holder;

static PyObject *
holder_get(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *value = ((Holder *)self)->value;
    return Py_NewRef(value != NULL ? value : Py_None);
}

static int
holder_set(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    Py_XSETREF(((Holder *)self)->value, Py_XNewRef(value));
    return 0;
}

static PyObject *
holder_reset_buggy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Holder *holder = (Holder *)self;
    Py_XDECREF(holder->value);  /* the field still refers to it */
    holder->value = NULL;
    Py_RETURN_NONE;
}

static PyObject *
holder_reset_fixed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_CLEAR(((Holder *)self)->value);
    Py_RETURN_NONE;
}

static int
holder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Holder *)self)->value);
    return 0;
}

static int
holder_clear(PyObject *self)
{
    Py_CLEAR(((Holder *)self)->value);
    return 0;
}

static void
holder_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)holder_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyGetSetDef holder_getset[] = {
    {"value", holder_get, holder_set, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef holder_methods[] = {
    {"reset_buggy", holder_reset_buggy, METH_NOARGS, NULL},
    {"reset_fixed", holder_reset_fixed, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot holder_slots[] = {
    {Py_tp_traverse, holder_traverse},
    {Py_tp_clear, holder_clear},
    {Py_tp_dealloc, holder_dealloc},
    {Py_tp_getset, holder_getset},
    {Py_tp_methods, holder_methods},
    {0, NULL},
};

static PyType_Spec holder_spec = {
    .name = "capi_patterns.Holder",
    .basicsize = sizeof(Holder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = holder_slots,
};

static int
module_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &holder_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}

static PyMethodDef module_methods[] = {
    {"first_if_not_buggy", first_if_not_buggy, METH_VARARGS, NULL},
    {"first_if_not_fixed", first_if_not_fixed, METH_VARARGS, NULL},
    {"first_after_wait_buggy", first_after_wait_buggy, METH_VARARGS, NULL},
    {"first_after_wait_fixed", first_after_wait_fixed, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
#if PY_VERSION_HEX >= 0x030D0000
    /* The fixed halves keep what they promise without the GIL, too. */
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "capi_patterns",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit_capi_patterns(void)
{
    return PyModuleDef_Init(&module_definition);
}
