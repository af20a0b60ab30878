/* canary_compare.c -- hash, equality and order of canaries: by value, else by identity. */
#include <Python.h>

#include "cpython/canary_lists.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_variant.h"

static Py_hash_t
canary_hash(PyObject *self)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_hash);
    if (c == NULL) {
        return -1;
    }
    const int64_t hash = c->has_value ? c->value : rr_canary_number(c);
    return hash == -1 ? -2 : (Py_hash_t)hash;
}

static bool
compare(const rr_canary *a, const rr_canary *b, int operation)
{
    const bool have_values = a->has_value && b->has_value;
    switch (operation) {
    case Py_EQ: return have_values ? a->value == b->value : a == b;
    case Py_NE: return have_values ? a->value != b->value : a != b;
    case Py_LT: return a->value < b->value;
    case Py_LE: return a->value <= b->value;
    case Py_GT: return a->value > b->value;
    default: return a->value >= b->value;
    }
}

static PyObject *
touch_and_compare(PyObject *self, PyObject *other, int operation)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_lt + operation);
    if (c == NULL) {
        return NULL;
    }
    rr_touch_argument(other);
    const rr_canary *const another = rr_canary_at(other);
    if (another == NULL) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(compare(c, another, operation));
}

static PyObject *
canary_richcompare(PyObject *self, PyObject *other, int operation)
{
    const unsigned supports = rr_supports(self);
    const bool is_equality = operation == Py_EQ || operation == Py_NE;
    if (is_equality ? !RR_HAS(supports, eq) : !RR_HAS(supports, order)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (!rr_list_calls(self, RR_SLOT_lt + operation)) {
        return touch_and_compare(self, other, operation);
    }
    Py_INCREF(self);
    Py_INCREF(other);
    PyObject *const answer = touch_and_compare(self, other, operation);
    Py_DECREF(other);
    Py_DECREF(self);
    return answer;
}

void
rr_variant_add_comparisons(rr_variant *variant)
{
    const unsigned supports = variant->supports;
    variant->type.tp_hash =
        RR_HAS(supports, hash) ? canary_hash : PyObject_HashNotImplemented;
    if (RR_HAS(supports, eq) || RR_HAS(supports, order)) {
        variant->type.tp_richcompare = canary_richcompare;
    }
}
