/* unseen.h -- methods of races.c whose race is in a function of libc, which has no hooks. */
#ifndef UNSEEN_H
#define UNSEEN_H

/* Asks whether `text` is the same twice, as it always should be. */
static PyObject *
compare(Races *self, PyObject *Py_UNUSED(ignored))
{
    volatile size_t size = 1; /* a call of memcmp */
    int order;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    order = memcmp(self->text, self->text + 1, size);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(order == 0);
}

/* Calls without the GIL, while another thread does nothing but take it and end. */
static PyObject *
compare_apart(Races *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    volatile size_t size = 1;
    char a = 'a', b = 'b';
    int order;
    Py_BEGIN_ALLOW_THREADS
    order = memcmp(&a, &b, size);
    order += memcmp(&b, &a, size);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(order);
}

static PyObject *
let_go(Races *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(1);
}

/* No other thread touches these numbers; only the lock shows that this one is here. */
static PyObject *
hold(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    pthread_rwlock_wrlock(&self->readers);
    self->low++;
    self->high++;
    pthread_rwlock_unlock(&self->readers);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* The wrong form asks whether another thread has the lock. */
static PyObject *
can_read(Races *self, PyObject *Py_UNUSED(ignored))
{
    (void)self;
    bool can = true;
    Py_BEGIN_ALLOW_THREADS
#ifdef BUG
    can = pthread_rwlock_tryrdlock(&self->readers) == 0;
    if (can) {
        pthread_rwlock_unlock(&self->readers);
    }
#endif
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(can);
}

/* The same with a mutex; in the correct form, the threads are never here at once. */
static PyObject *
hold_mutex(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    pthread_mutex_lock(&self->first);
    self->low++;
    pthread_mutex_unlock(&self->first);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
try_mutex(Races *self, PyObject *Py_UNUSED(ignored))
{
    bool can;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    can = pthread_mutex_trylock(&self->first) == 0;
    if (can) {
        pthread_mutex_unlock(&self->first);
    }
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(can);
}

#endif
