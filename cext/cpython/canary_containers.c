/* canary_containers.c -- canaries as sequences and mappings.
 *
 * A canary has RR_LENGTH items, which are made anew at each access, and those that were
 * stored in it.  As a mapping it has an item for every key.
 */
#include <Python.h>

#include "cpython/canary_child.h"
#include "cpython/canary_contents.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_variant.h"

static int64_t
shifted(const rr_canary *c, Py_ssize_t by)
{
    return (int64_t)((uint64_t)c->value + (uint64_t)by);
}

static Py_ssize_t
canary_len(PyObject *self)
{
    return rr_touch(self, RR_SLOT_len) == NULL ? -1 : RR_LENGTH;
}

static PyObject *
sequence_item(PyObject *self, Py_ssize_t index)
{
    rr_canary *const c = rr_touch(self, RR_SLOT_item);
    if (c == NULL) {
        return NULL;
    }
    if (index < 0 || index >= RR_LENGTH) {
        PyErr_SetString(PyExc_IndexError, "a canary has 3 items");
        return NULL;
    }
    PyObject *const key = PyLong_FromSsize_t(index);
    if (key == NULL) {
        return NULL;
    }
    PyObject *const stored = rr_contents_get(&c->items, key);
    Py_DECREF(key);
    if (stored != NULL || PyErr_Occurred()) {
        return stored;
    }
    return rr_canary_child(c, RR_SLOT_item, shifted(c, index));
}

static int
sequence_setitem(PyObject *self, Py_ssize_t index, PyObject *value)
{
    rr_canary *const c =
        rr_touch(self, value == NULL ? RR_SLOT_delitem : RR_SLOT_setitem);
    if (c == NULL) {
        return -1;
    }
    if (index < 0 || index >= RR_LENGTH) {
        PyErr_SetString(PyExc_IndexError, "a canary has 3 items");
        return -1;
    }
    rr_touch_argument(value);
    PyObject *const key = PyLong_FromSsize_t(index);
    const int status = key == NULL ? -1 : rr_contents_set(&c->items, key, value);
    Py_XDECREF(key);
    return status;
}

static PyObject *
mapping_item(PyObject *self, PyObject *key)
{
    rr_canary *const c = rr_touch(self, RR_SLOT_item);
    if (c == NULL) {
        return NULL;
    }
    rr_touch_argument(key);
    PyObject *const stored = rr_contents_get(&c->items, key);
    if (stored != NULL || PyErr_Occurred()) {
        return stored;
    }
    return rr_canary_child(c, RR_SLOT_item, c->value);
}

static int
mapping_setitem(PyObject *self, PyObject *key, PyObject *value)
{
    rr_canary *const c =
        rr_touch(self, value == NULL ? RR_SLOT_delitem : RR_SLOT_setitem);
    if (c == NULL) {
        return -1;
    }
    rr_touch_argument(key);
    rr_touch_argument(value);
    return rr_contents_set(&c->items, key, value);
}

/* Whether `other` is a canary with the value of one of the items. */
static int
canary_contains(PyObject *self, PyObject *other)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_contains);
    if (c == NULL) {
        return -1;
    }
    rr_touch_argument(other);
    const rr_canary *const another = rr_canary_at(other);
    if (another == NULL || !another->has_value || !c->has_value) {
        return 0;
    }
    return (uint64_t)another->value - (uint64_t)c->value < RR_LENGTH;
}

static PyObject *
canary_concat(PyObject *self, PyObject *other)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_concat);
    if (c == NULL) {
        return NULL;
    }
    rr_touch_argument(other);
    return rr_canary_child(c, RR_SLOT_concat, c->value);
}

static PyObject *
canary_repeat(PyObject *self, Py_ssize_t times)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_repeat);
    (void)times;
    return c == NULL ? NULL : rr_canary_child(c, RR_SLOT_repeat, c->value);
}

static PyObject *
inplace_concat(PyObject *self, PyObject *other)
{
    if (rr_touch(self, RR_SLOT_inplace_concat) == NULL) {
        return NULL;
    }
    rr_touch_argument(other);
    return Py_NewRef(self);
}

static PyObject *
inplace_repeat(PyObject *self, Py_ssize_t times)
{
    (void)times;
    return rr_touch(self, RR_SLOT_inplace_repeat) == NULL ? NULL : Py_NewRef(self);
}

void
rr_variant_add_containers(rr_variant *variant)
{
    if (RR_HAS(variant->supports, sequence)) {
        variant->sequence = (PySequenceMethods){
            .sq_length = canary_len,
            .sq_item = sequence_item,
            .sq_ass_item = sequence_setitem,
            .sq_contains = canary_contains,
            .sq_concat = canary_concat,
            .sq_repeat = canary_repeat,
            .sq_inplace_concat = inplace_concat,
            .sq_inplace_repeat = inplace_repeat,
        };
        variant->type.tp_as_sequence = &variant->sequence;
    }
    if (RR_HAS(variant->supports, mapping)) {
        variant->mapping = (PyMappingMethods){
            .mp_length = canary_len,
            .mp_subscript = mapping_item,
            .mp_ass_subscript = mapping_setitem,
        };
        variant->type.tp_as_mapping = &variant->mapping;
    }
}
