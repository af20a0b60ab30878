/* template.c -- a template that is compiled at its first use. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *source;
    PyObject *compiler;
    PyObject *compiled;
} Template;

static int
template_init(PyObject *op, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Template *self = (Template *)op;
    PyObject *source, *compiler;
    if (!PyArg_ParseTuple(args, "OO:Template", &source, &compiler)) {
        return -1;
    }
    Py_XSETREF(self->source, Py_NewRef(source));
    Py_XSETREF(self->compiler, Py_NewRef(compiler));
    return 0;
}

static void
template_dealloc(PyObject *op)
{
    Template *self = (Template *)op;
    Py_XDECREF(self->source);
    Py_XDECREF(self->compiler);
    Py_XDECREF(self->compiled);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
template_compiled(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Template *self = (Template *)op;
    PyObject *compiled;
    Py_BEGIN_CRITICAL_SECTION(op);
    compiled = Py_XNewRef(self->compiled);
    Py_END_CRITICAL_SECTION();
    if (compiled != NULL) {
        return compiled;
    }
    compiled = PyObject_CallOneArg(self->compiler, self->source);
    if (compiled == NULL) {
        return NULL;
    }
#ifdef BUG
    self->compiled = Py_NewRef(compiled);  /* others may have stored theirs by now */
#else
    PyObject *ours = compiled;
    Py_BEGIN_CRITICAL_SECTION(op);
    if (self->compiled == NULL) {
        self->compiled = Py_NewRef(ours);
    }
    compiled = Py_NewRef(self->compiled);
    Py_END_CRITICAL_SECTION();
    Py_DECREF(ours);
#endif
    return compiled;
}

static PyMethodDef template_methods[] = {
    {"compiled", template_compiled, METH_NOARGS, "Return compiler(source), always the same."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Template_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "template.Template",
    .tp_basicsize = sizeof(Template),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = template_init,
    .tp_dealloc = template_dealloc,
    .tp_methods = template_methods,
};

MODULE(template, NULL, &Template_Type)
