/* plain.c -- a plain heap type with C slots, and loops over slots of any object.
 *
 * benchmarks/canary.py compiles it and compares a canary with an instance of the type.
 */
#include <Python.h>

static Py_hash_t
plain_hash(PyObject *self)
{
    return (Py_hash_t)((Py_ssize_t)self >> 4);
}

static PyObject *
plain_richcompare(PyObject *self, PyObject *other, int operation)
{
    if (operation != Py_EQ || Py_TYPE(self) != Py_TYPE(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(self == other);
}

static Py_ssize_t
plain_len(PyObject *self)
{
    (void)self;
    return 3;
}

static PyObject *
plain_call(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    (void)arguments;
    (void)keywords;
    return PyObject_CallNoArgs((PyObject *)Py_TYPE(self));
}

static void
plain_dealloc(PyObject *self)
{
    PyTypeObject *const type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_hash, (void *)plain_hash},
    {Py_tp_richcompare, (void *)plain_richcompare},
    {Py_sq_length, (void *)plain_len},
    {Py_tp_call, (void *)plain_call},
    {Py_tp_dealloc, (void *)plain_dealloc},
    {0, NULL},
};
static PyType_Spec spec = {"plain.Plain", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};

/* Calls one slot of `object` n times, and drops what it returns. */
static int
repeat(const char *slot, PyObject *object, PyObject *other, long n)
{
    PyObject *const none = PyTuple_New(0);
    for (long k = 0; k < n; k++) {
        PyObject *result = NULL;
        switch (slot[0]) {
        case 'h': /* hash */
            if (PyObject_Hash(object) == -1) {
                return -1;
            }
            continue;
        case 'e': /* eq */
            result = PyObject_RichCompare(object, other, Py_EQ);
            break;
        case 'l': /* len */
            if (PyObject_Size(object) < 0) {
                return -1;
            }
            continue;
        case 'c': /* call */
            result = PyObject_Call(object, none, NULL);
            break;
        default: /* incref and decref */
            Py_INCREF(object);
            __asm__ volatile("" ::: "memory");
            Py_DECREF(object);
            __asm__ volatile("" ::: "memory");
            continue;
        }
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    Py_DECREF(none);
    return 0;
}

static PyObject *
plain_repeat(PyObject *module, PyObject *arguments)
{
    const char *slot;
    PyObject *object, *other;
    long n;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "sOOl", &slot, &object, &other, &n) ||
        repeat(slot, object, other, n) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"repeat", plain_repeat, METH_VARARGS, "Call a slot n times."},
    {NULL, NULL, 0, NULL},
};

static int
execute(PyObject *module)
{
    PyObject *const type = PyType_FromSpec(&spec);
    return type == NULL ? -1 : PyModule_AddObject(module, "Plain", type);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)execute},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "plain", NULL, 0, methods, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit_plain(void)
{
    return PyModuleDef_Init(&definition);
}
