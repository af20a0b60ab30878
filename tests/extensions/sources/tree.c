/* tree.c -- a node with a payload and a parent, which the collector can clear. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *payload;
    PyObject *parent;
} Tree;

static int
tree_init(PyObject *op, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *payload;
    if (!PyArg_ParseTuple(args, "O:Tree", &payload)) {
        return -1;
    }
    Py_XSETREF(((Tree *)op)->payload, Py_NewRef(payload));
    return 0;
}

static int
tree_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Tree *)op)->payload);
    Py_VISIT(((Tree *)op)->parent);
    return 0;
}

static int
tree_clear(PyObject *op)
{
    Tree *self = (Tree *)op;
#ifdef BUG
    Py_XDECREF(self->payload);  /* the deallocation drops it again */
#else
    Py_CLEAR(self->payload);
#endif
    Py_CLEAR(self->parent);
    return 0;
}

static void
tree_dealloc(PyObject *op)
{
    Tree *self = (Tree *)op;
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->payload);
    Py_XDECREF(self->parent);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
tree_attach(PyObject *op, PyObject *parent)
{
    Tree *self = (Tree *)op;
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = self->parent;
    self->parent = Py_NewRef(parent);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyMethodDef tree_methods[] = {
    {"attach", tree_attach, METH_O, "Set the parent."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Tree_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "tree.Tree",
    .tp_basicsize = sizeof(Tree),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_init = tree_init,
    .tp_traverse = tree_traverse,
    .tp_clear = tree_clear,
    .tp_dealloc = tree_dealloc,
    .tp_methods = tree_methods,
};

MODULE(tree, NULL, &Tree_Type)
