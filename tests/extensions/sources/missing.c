/* missing.c -- a dict lookup with a marker for what is not there. */
#include "compat.h"

static PyObject *marker;

static PyObject *
lookup(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *dict, *key;
    if (!PyArg_ParseTuple(args, "O!O:lookup", &PyDict_Type, &dict, &key)) {
        return NULL;
    }
    PyObject *value = PyObject_GetItem(dict, key);
    if (value != NULL || !PyErr_ExceptionMatches(PyExc_KeyError)) {
        return value;
    }
    PyErr_Clear();
#ifdef BUG
    return marker;  /* which the caller will drop */
#else
    return Py_NewRef(marker);
#endif
}

static PyMethodDef methods[] = {
    {"lookup", lookup, METH_VARARGS, "Return dict[key], or MISSING."},
    {NULL, NULL, 0, NULL},
};

static int
missing_exec(PyObject *module)
{
    marker = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    return PyModule_AddObjectRef(module, "MISSING", marker);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)missing_exec}, GIL_SLOT{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "missing", .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC
PyInit_missing(void)
{
    return PyModuleDef_Init(&definition);
}
