/* compat.h -- the C API of CPython 3.13 that older versions lack, and a module in one line. */
#ifndef COMPAT_H
#define COMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if PY_VERSION_HEX < 0x030D0000
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }

static inline PyObject *
PyList_GetItemRef(PyObject *list, Py_ssize_t index)
{
    return Py_XNewRef(PyList_GetItem(list, index));
}
#endif

#ifdef Py_GIL_DISABLED
#define GIL_SLOT {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#else
#define GIL_SLOT
#endif

/* Define the module NAME with METHODS (or NULL), and the types that follow, if any. */
#define MODULE(NAME, METHODS, ...)                                                      \
    static int module_exec(PyObject *module)                                            \
    {                                                                                   \
        PyTypeObject *types[] = {__VA_ARGS__, NULL};                                    \
        for (PyTypeObject **type = types; *type != NULL; type++) {                      \
            if (PyModule_AddType(module, *type) < 0) {                                  \
                return -1;                                                              \
            }                                                                           \
        }                                                                               \
        return 0;                                                                       \
    }                                                                                   \
    static PyModuleDef_Slot module_slots[] = {                                          \
        {Py_mod_exec, (void *)module_exec}, GIL_SLOT{0, NULL}};                         \
    static struct PyModuleDef module_def = {                                            \
        PyModuleDef_HEAD_INIT, .m_name = #NAME, .m_methods = METHODS,                   \
        .m_slots = module_slots};                                                       \
    PyMODINIT_FUNC PyInit_##NAME(void) { return PyModuleDef_Init(&module_def); }

#endif
