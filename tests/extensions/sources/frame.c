/* frame.c -- a frame of bytes that others may read in place. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    PyObject *storage;  /* bytes, or NULL */
} Frame;

static PyObject *
frame_fill(PyObject *op, PyObject *args)
{
    Frame *self = (Frame *)op;
    Py_ssize_t size;
    char with;
    if (!PyArg_ParseTuple(args, "nc:fill", &size, &with)) {
        return NULL;
    }
    PyObject *storage = PyBytes_FromStringAndSize(NULL, size);
    if (storage == NULL) {
        return NULL;
    }
    memset(PyBytes_AS_STRING(storage), with, (size_t)size);
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = self->storage;
    self->storage = storage;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static int
frame_export(PyObject *op, Py_buffer *view, int flags)
{
    Frame *self = (Frame *)op;
    PyObject *storage;
    Py_BEGIN_CRITICAL_SECTION(op);
    storage = Py_XNewRef(self->storage);
    Py_END_CRITICAL_SECTION();
    if (storage == NULL) {
        PyErr_SetString(PyExc_BufferError, "the frame is empty");
        view->obj = NULL;
        return -1;
    }
#ifdef BUG
    PyObject *owner = op;  /* which may get another storage while this one is read */
#else
    PyObject *owner = storage;
#endif
    char *bytes = PyBytes_AS_STRING(storage);
    int status = PyBuffer_FillInfo(view, owner, bytes, PyBytes_GET_SIZE(storage), 1, flags);
    Py_DECREF(storage);
    return status;
}

static void
frame_dealloc(PyObject *op)
{
    Py_XDECREF(((Frame *)op)->storage);
    Py_TYPE(op)->tp_free(op);
}

static PyBufferProcs frame_as_buffer = {.bf_getbuffer = frame_export};

static PyMethodDef frame_methods[] = {
    {"fill", frame_fill, METH_VARARGS, "fill(size, byte): replace all bytes."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Frame_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "frame.Frame",
    .tp_basicsize = sizeof(Frame),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = frame_dealloc,
    .tp_as_buffer = &frame_as_buffer,
    .tp_methods = frame_methods,
};

MODULE(frame, NULL, &Frame_Type)
