/* node.c -- small nodes, kept for reuse when they are freed. */
#include "compat.h"

typedef struct Node {
    PyObject_HEAD
    PyObject *value;
} Node;

#define MOST_FREE 8

/* Threads of a free-threaded build take turns; elsewhere, the GIL is the lock. */
#ifdef Py_GIL_DISABLED
static PyMutex free_lock;
#define LOCK_FREE() PyMutex_Lock(&free_lock)
#define UNLOCK_FREE() PyMutex_Unlock(&free_lock)
#else
#define LOCK_FREE()
#define UNLOCK_FREE()
#endif
static Node *free_nodes[MOST_FREE];
static int n_free;

static PyTypeObject Node_Type;

static PyObject *
node_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *value = NULL;
    if (!PyArg_ParseTuple(args, "|O:Node", &value)) {
        return NULL;
    }
    Node *node = NULL;
    LOCK_FREE();
    if (n_free > 0) {
        node = free_nodes[--n_free];
    }
    UNLOCK_FREE();
    if (node != NULL) {
        PyObject_Init((PyObject *)node, type);
    }
    else if ((node = PyObject_New(Node, type)) != NULL) {
        node->value = NULL;
    }
    else {
        return NULL;
    }
    if (value != NULL) {
        node->value = Py_NewRef(value);
    }
    return (PyObject *)node;
}

static void
node_dealloc(PyObject *op)
{
    Node *node = (Node *)op;
#ifdef BUG
    Py_XDECREF(node->value);  /* the next user of the memory finds it there */
#else
    Py_CLEAR(node->value);
#endif
    LOCK_FREE();
    if (n_free < MOST_FREE) {
        free_nodes[n_free++] = node;
        node = NULL;
    }
    UNLOCK_FREE();
    PyObject_Free(node);
}

static PyObject *
node_get(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *value = ((Node *)op)->value;
    return Py_NewRef(value == NULL ? Py_None : value);
}

static PyMethodDef node_methods[] = {
    {"get", node_get, METH_NOARGS, "Return the value; None if there is none."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Node_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "node.Node",
    .tp_basicsize = sizeof(Node),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = node_new,
    .tp_dealloc = node_dealloc,
    .tp_methods = node_methods,
};

MODULE(node, NULL, &Node_Type)
