/* tally.c -- counts the words of texts, with the GIL released. */
#include "compat.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t words;
} Tally;

static Py_ssize_t
words_in(const char *text, Py_ssize_t size)
{
    Py_ssize_t words = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        words += text[i] != ' ' && (i + 1 == size || text[i + 1] == ' ');
    }
    return words;
}

static PyObject *
tally_add(PyObject *op, PyObject *args)
{
    Tally *self = (Tally *)op;
    Py_buffer text;
    if (!PyArg_ParseTuple(args, "y*:add", &text)) {
        return NULL;
    }
    Py_ssize_t words;
#ifdef BUG
    words = self->words;
    Py_BEGIN_ALLOW_THREADS
    words += words_in(text.buf, text.len);
    Py_END_ALLOW_THREADS
    self->words = words;  /* others may have counted since it was read */
#else
    Py_BEGIN_ALLOW_THREADS
    words = words_in(text.buf, text.len);
    Py_END_ALLOW_THREADS
    Py_BEGIN_CRITICAL_SECTION(op);
    self->words += words;
    Py_END_CRITICAL_SECTION();
#endif
    PyBuffer_Release(&text);
    Py_RETURN_NONE;
}

static PyObject *
tally_words(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t words;
    Py_BEGIN_CRITICAL_SECTION(op);
    words = ((Tally *)op)->words;
    Py_END_CRITICAL_SECTION();
    return PyLong_FromSsize_t(words);
}

static PyMethodDef tally_methods[] = {
    {"add", tally_add, METH_VARARGS, "Count the words of some bytes."},
    {"words", tally_words, METH_NOARGS, "Return the number of words so far."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Tally_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "tally.Tally",
    .tp_basicsize = sizeof(Tally),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_methods = tally_methods,
};

MODULE(tally, NULL, &Tally_Type)
