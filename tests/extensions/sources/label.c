/* label.c -- a value with its text, which is kept until the value changes. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *value;
    PyObject *text;
} Label;

#ifdef BUG
/* Correct with the GIL only: without it, the text may be dropped before the increment. */
#define BEGIN_EXCLUSIVE(op) {
#define END_EXCLUSIVE() }
#else
#define BEGIN_EXCLUSIVE(op) Py_BEGIN_CRITICAL_SECTION(op)
#define END_EXCLUSIVE() Py_END_CRITICAL_SECTION()
#endif

static PyObject *
label_set(PyObject *op, PyObject *value)
{
    Label *self = (Label *)op;
    PyObject *old;
    BEGIN_EXCLUSIVE(op);
    old = self->value;
    self->value = Py_NewRef(value);
    Py_CLEAR(self->text);
    END_EXCLUSIVE();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
label_text(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Label *self = (Label *)op;
    PyObject *text;
    BEGIN_EXCLUSIVE(op);
    if (self->text == NULL) {
        self->text = PyUnicode_FromFormat("<%p>", (void *)self->value);
    }
    text = Py_XNewRef(self->text);
    END_EXCLUSIVE();
    return text;
}

static void
label_dealloc(PyObject *op)
{
    Py_XDECREF(((Label *)op)->value);
    Py_XDECREF(((Label *)op)->text);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef label_methods[] = {
    {"set", label_set, METH_O, "Replace the value."},
    {"text", label_text, METH_NOARGS, "Return the text of the value."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Label_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "label.Label",
    .tp_basicsize = sizeof(Label),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = label_dealloc,
    .tp_methods = label_methods,
};

MODULE(label, NULL, &Label_Type)
