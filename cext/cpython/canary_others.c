/* canary_others.c -- calls, buffers and attributes of canaries. */
#include <Python.h>

#include "cpython/canary_child.h"
#include "cpython/canary_contents.h"
#include "cpython/canary_error.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_variant.h"

/* Calls that return a new canary; later ones return None.  Code that calls back until it
 * likes the answer would never end. */
enum { ANSWERS = 3 };

static PyObject *
canary_call(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    rr_canary *const c = rr_touch(self, RR_SLOT_call);
    if (c == NULL) {
        return NULL;
    }
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(arguments); n++) {
        rr_touch_argument(PyTuple_GET_ITEM(arguments, n));
    }
    PyObject *key, *value;
    for (Py_ssize_t at = 0;
         keywords != NULL && PyDict_Next(keywords, &at, &key, &value);) {
        rr_touch_argument(value);
    }
    if (atomic_fetch_add(&c->calls, 1) >= ANSWERS) {
        Py_RETURN_NONE;
    }
    return rr_canary_child(c, RR_SLOT_call, c->value);
}

/* The bytes are those of the record, so a view stays valid whatever happens. */
static int
canary_buffer(PyObject *self, Py_buffer *view, int flags)
{
    rr_canary *const c = rr_touch(self, RR_SLOT_buffer);
    if (c == NULL) {
        view->obj = NULL;
        return -1;
    }
    return PyBuffer_FillInfo(view, self, c->bytes, sizeof c->bytes, 0, flags);
}

/* It cannot fail, so an exception of a hook is reported as unraisable.  Code that releases a
 * buffer on an error path has an exception in flight, which hooks must not see or lose. */
static void
canary_releasebuffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    const rr_saved_error saved = rr_error_save();
    if (rr_touch(self, RR_SLOT_releasebuffer) == NULL) {
        PyErr_WriteUnraisable(NULL);
    }
    rr_error_restore(saved);
}

/* Reading refrace's own attributes is no touch. */
static bool
is_own(PyObject *name)
{
    static const char *const own[] = {"expected", "count", "state", "touches"};
    for (size_t n = 0; n < sizeof own / sizeof *own; n++) {
        if (PyUnicode_CompareWithASCIIString(name, own[n]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_special(PyObject *name)
{
    return PyUnicode_GET_LENGTH(name) > 2 && PyUnicode_READ_CHAR(name, 0) == '_' &&
           PyUnicode_READ_CHAR(name, 1) == '_';
}

/* With "attributes", every name that is not special has a value: the stored one, or a
 * new canary. */
static PyObject *
canary_getattro(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name) || is_own(name)) {
        return PyObject_GenericGetAttr(self, name);
    }
    rr_canary *const c = rr_touch(self, RR_SLOT_getattr);
    if (c == NULL) {
        return NULL;
    }
    if (!RR_HAS(c->supports, attributes) || is_special(name)) {
        return PyObject_GenericGetAttr(self, name);
    }
    PyObject *const stored = rr_contents_get(&c->attributes, name);
    if (stored != NULL || PyErr_Occurred()) {
        return stored;
    }
    return rr_canary_child(c, RR_SLOT_getattr, c->value);
}

static int
canary_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    rr_canary *const c =
        rr_touch(self, value == NULL ? RR_SLOT_delattr : RR_SLOT_setattr);
    if (c == NULL) {
        return -1;
    }
    if (!PyUnicode_Check(name) || is_own(name) || is_special(name)) {
        return PyObject_GenericSetAttr(self, name, value);
    }
    rr_touch_argument(value);
    const int status = rr_contents_set(&c->attributes, name, value);
    if (status < 0 && value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    return status;
}

void
rr_variant_add_others(rr_variant *variant)
{
    variant->type.tp_getattro = canary_getattro;
    if (RR_HAS(variant->supports, attributes)) {
        variant->type.tp_setattro = canary_setattro;
    }
    if (RR_HAS(variant->supports, call)) {
        variant->type.tp_call = canary_call;
    }
    if (RR_HAS(variant->supports, buffer)) {
        variant->buffer = (PyBufferProcs){
            .bf_getbuffer = canary_buffer,
            .bf_releasebuffer = canary_releasebuffer,
        };
        variant->type.tp_as_buffer = &variant->buffer;
    }
}
