/* sections.h -- methods of races.c that are in critical sections, without the GIL. */
#ifndef SECTIONS_H
#define SECTIONS_H

static PyObject *
in_both(Races *self, PyObject *Py_UNUSED(ignored))
{
    long n;
    Py_BEGIN_CRITICAL_SECTION2(self->left, self->right);
    n = ++self->count;
    Py_END_CRITICAL_SECTION2();
    return PyLong_FromLong(n);
}

static PyObject *
in_second(Races *self, PyObject *Py_UNUSED(ignored))
{
    long n;
    Py_BEGIN_CRITICAL_SECTION(self->right);
    n = ++self->count;
    Py_END_CRITICAL_SECTION();
    return PyLong_FromLong(n);
}

/* Others may come into the sections while the thread is detached. */
static PyObject *
detached(Races *self, PyObject *Py_UNUSED(ignored))
{
    long n;
    Py_BEGIN_CRITICAL_SECTION2(self->left, self->right);
    n = ++self->count;
    Py_BEGIN_ALLOW_THREADS
    Py_END_ALLOW_THREADS
    Py_END_CRITICAL_SECTION2();
    return PyLong_FromLong(n);
}

#endif
