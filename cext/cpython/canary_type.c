/* canary_type.c -- the base type, and one static type for each set of protocols. */
#include <Python.h>

#include "cpython/canary_contents.h"
#include "cpython/canary_death.h"
#include "cpython/canary_lists.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_type.h"
#include "cpython/canary_variant.h"

static PyObject *make_in_python, *describe_in_python;

/* Two for each set of protocols: untracked and tracked.  Once set, they never change. */
static rr_variant *_Atomic variants[2 << RR_N_PROTOCOLS];

static PyObject *
canary_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)type;
    if (make_in_python == NULL) {
        PyErr_SetString(PyExc_SystemError, "refrace.canaries is not imported");
        return NULL;
    }
    return PyObject_Call(make_in_python, arguments, keywords);
}

static PyObject *
touch_and_describe(PyObject *self)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_repr);
    if (c == NULL) {
        return NULL;
    }
    if (describe_in_python == NULL) {
        return PyUnicode_FromString("Canary()");
    }
    return PyObject_CallFunction(describe_in_python, "i", (int)rr_canary_number(c));
}

static PyObject *
canary_repr(PyObject *self)
{
    if (!rr_list_calls(self, RR_SLOT_repr)) {
        return touch_and_describe(self);
    }
    Py_INCREF(self);
    PyObject *const text = touch_and_describe(self);
    Py_DECREF(self);
    return text;
}

/* A copy would be another canary, and nothing could be said about its references. */
static PyObject *
canary_reduce(PyObject *self, PyObject *protocol)
{
    (void)self;
    (void)protocol;
    PyErr_SetString(PyExc_TypeError,
                    "a Canary cannot be pickled or copied; pickle its CanarySpec");
    return NULL;
}

static PyObject *
get(PyObject *self, void *which)
{
    static const char *const states[] = {"free", "live", "dying", "dead"};
    rr_canary_reading reading;
    rr_canary_read(rr_canary_at(self), &reading);
    switch (*(const char *)which) {
    case 'e': return PyLong_FromLongLong(reading.expected);
    case 'c': return PyLong_FromLongLong(reading.count);
    case 't': return PyLong_FromLongLong(reading.touches);
    default: return PyUnicode_FromString(states[reading.state]);
    }
}

static PyGetSetDef getset[] = {
    {"expected", get, NULL, "References that refrace itself keeps.", "e"},
    {"count", get, NULL, "The reference count, with the reference of this call.", "c"},
    {"state", get, NULL, "'live', 'dying' or 'dead'.", "s"},
    {"touches", get, NULL, "Slot calls so far.", "t"},
    {0},
};

static PyMethodDef methods[] = {
    {"__reduce_ex__", canary_reduce, METH_O, "Raise TypeError."},
    {0},
};

static rr_variant base = {
    .type = {
        PyVarObject_HEAD_INIT(NULL, 0)
        .tp_name = "refrace.Canary",
        .tp_basicsize = sizeof(PyObject),
        .tp_flags = Py_TPFLAGS_DEFAULT,
        .tp_dealloc = rr_canary_dealloc,
        .tp_repr = canary_repr,
        .tp_new = canary_new,
        .tp_methods = methods,
        .tp_getset = getset,
    },
};

PyTypeObject *
rr_canary_base(const char *doc)
{
    if (base.type.tp_doc == NULL) {
        base.type.tp_doc = doc;
        rr_variant_add_others(&base);
        if (PyType_Ready(&base.type) < 0) {
            return NULL;
        }
        rr_learn_lists();
    }
    return &base.type;
}

void
rr_canary_set_python(PyObject *make, PyObject *describe)
{
    Py_XSETREF(make_in_python, Py_NewRef(make));
    Py_XSETREF(describe_in_python, Py_NewRef(describe));
}

static rr_variant *
make_variant(unsigned supports, bool is_tracked)
{
    rr_variant *const v = PyMem_RawCalloc(1, sizeof *v);
    if (v == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    static const PyTypeObject blank = {
        PyVarObject_HEAD_INIT(NULL, 0)
        .tp_name = "refrace.Canary",
        .tp_basicsize = sizeof(PyObject),
        .tp_flags = Py_TPFLAGS_DEFAULT,
        .tp_dealloc = rr_canary_dealloc,
        .tp_repr = canary_repr,
        .tp_base = &base.type,
    };
    v->type = blank;
    v->supports = supports;
    v->type.tp_doc = base.type.tp_doc;
    if (RR_HAS(supports, weakref)) {
        v->type.tp_weaklistoffset = sizeof(PyObject);
        v->type.tp_basicsize = sizeof(PyObject) + sizeof(PyObject *);
    }
    if (is_tracked) {
        v->type.tp_flags |= Py_TPFLAGS_HAVE_GC;
        v->type.tp_traverse = rr_canary_traverse;
        v->type.tp_clear = rr_canary_clear;
    }
    rr_variant_add_comparisons(v);
    rr_variant_add_number(v);
    rr_variant_add_containers(v);
    rr_variant_add_iteration(v);
    rr_variant_add_others(v);
    if (PyType_Ready(&v->type) < 0) {
        return NULL; /* parts of the interpreter may refer to it already */
    }
    return v;
}

PyTypeObject *
rr_canary_type(unsigned supports, bool is_tracked)
{
    rr_variant *_Atomic *const place = &variants[supports * 2 + is_tracked];
    rr_variant *known = atomic_load_explicit(place, memory_order_acquire);
    if (known == NULL) {
        rr_variant *const fresh = make_variant(supports, is_tracked);
        if (fresh == NULL) {
            return NULL;
        }
        /* If another thread was faster, the second type stays unused. */
        if (atomic_compare_exchange_strong(place, &known, fresh)) {
            known = fresh;
        }
    }
    return &known->type;
}
