/* copies.h -- methods of races.c that copy memory, or have it copied. */
#ifndef COPIES_H
#define COPIES_H

static PyObject *
fill(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->text[0] = 'x';
    self->text[1] = 'x';
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
copy(Races *self, PyObject *Py_UNUSED(ignored))
{
    lock(&self->lock);
    PyObject *copied = PyBytes_FromStringAndSize(self->text, sizeof self->text);
    unlock(&self->lock);
    return copied;
}

static PyObject *
change_words(Races *self, PyObject *Py_UNUSED(ignored))
{
    long words[4] = {0, 0, 0, 1};
    volatile size_t size = sizeof words; /* a call of memcpy */
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->low = 1;
    memcpy(self->words, words, size);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
look_at_words(Races *self, PyObject *Py_UNUSED(ignored))
{
    long low, last;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    low = self->low;
    last = self->words[3];
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(low <= last);
}

/* The interpreter asks for the buffer, and then copies it: in the rest of the call, after
 * the last hook. */
static int
word_buffer(Races *self, Py_buffer *view, int flags)
{
    if (PyBuffer_FillInfo(view, (PyObject *)self, self->word, 3, 1, flags) < 0) {
        return -1;
    }
    view->len = value_of(&self->n_word);
    view->readonly |= self->is_frozen;
    return 0;
}

/* Wrong only if the word changes between the two: the old length, and the new bytes. */
static PyObject *
copy_word(Races *self, PyObject *Py_UNUSED(ignored))
{
    lock(&self->lock);
    PyObject *bytes = PyBytes_FromObject((PyObject *)self);
    unlock(&self->lock);
    if (bytes == NULL) {
        return NULL;
    }
    bool is_mixed = strcmp(PyBytes_AS_STRING(bytes), "bba") == 0;
    Py_DECREF(bytes);
    return PyBool_FromLong(is_mixed);
}

static PyObject *
change_word(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->n_word = 2;
    self->word[0] = 'b';
    self->word[1] = 'b';
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* A copy in one statement: gcc has the hooks of both places before it. */
static PyObject *
copy_words(Races *self, PyObject *Py_UNUSED(ignored))
{
    long last;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->other = self->one;
    last = value_of(&self->other.at[3]);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(last);
}

static PyObject *
set_words(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->one.at[3] = 1;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

#endif
