"""Bugs made on purpose, each with its fix, which every hunt has to find first.

A hunt that does not find these could not find anything in the code of its user.
"""

from cpython.list cimport PyList_GetItem
from cpython.object cimport PyObject

cdef extern from "<sched.h>" nogil:
    int sched_yield()

cdef extern from "<signal.h>" nogil:
    enum: SIGSEGV
    int signal_me "raise"(int)

cdef extern from "Python.h":
    void Py_INCREF(PyObject *)
    void Py_DECREF(PyObject *) nogil
    void Py_XDECREF(PyObject *)

cdef extern from *:
    """
    #include <pthread.h>

    /* Atomic, because threads run the fixed operations in parallel without the GIL. */
    #define exchange(field, value) \\
        __atomic_exchange_n((field), (value), __ATOMIC_SEQ_CST)
    #define fetch_add(field, n) __atomic_fetch_add((field), (n), __ATOMIC_SEQ_CST)

    static void lock(int times)
    {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        for (int i = 0; i < times; i++) {
            pthread_mutex_lock(&mutex);
        }
    }
    """
    PyObject *exchange(PyObject **field, PyObject *value)
    long fetch_add(long *field, long n)
    void lock(int times)


cdef class Planted:
    """Operations that are correct if `buggy` is false.

    A buggy one may crash the interpreter: use it in a child process.
    """

    cdef bint _buggy
    cdef long _total
    cdef PyObject *_stored

    def __cinit__(self, bint buggy):
        self._buggy = buggy

    def __dealloc__(self):
        Py_XDECREF(exchange(&self._stored, NULL))

    def leak(self, obj):
        """Return `obj`.  The bug: one new reference to it is never dropped."""
        Py_INCREF(<PyObject *> obj)
        if not self._buggy:
            Py_DECREF(<PyObject *> obj)
        return obj

    def drop(self, obj):
        """Return `obj`.  The bug: a reference that the caller owns is dropped."""
        if not self._buggy:
            Py_INCREF(<PyObject *> obj)
        Py_DECREF(<PyObject *> obj)
        return obj

    def first_before(self, list items not None, callback):
        """Call `callback` with `items`; return the item that was first before the call.

        The bug: during the call, the item is a borrowed reference.
        """
        cdef PyObject *borrowed
        if self._buggy:
            borrowed = PyList_GetItem(items, 0)
            callback(items)
            return <object> borrowed
        first = items[0]
        callback(items)
        return first

    def add(self):
        """Add one to the total, and return the new total.

        The bug: other threads can run between the load and the store.
        """
        cdef long total
        if self._buggy:
            total = self._total
            with nogil:
                sched_yield()
            self._total = total + 1
        else:
            total = fetch_add(&self._total, 1)
            with nogil:
                sched_yield()
        return total + 1

    def store(self, obj):
        """Keep a reference to `obj`, and drop the one that was kept before."""
        Py_INCREF(<PyObject *> obj)
        Py_XDECREF(exchange(&self._stored, <PyObject *> obj))

    def discard(self):
        """Drop the reference that is kept.  The bug: the GIL is released."""
        cdef PyObject *stored = exchange(&self._stored, NULL)
        if self._buggy and stored != NULL:
            with nogil:
                Py_DECREF(stored)
        else:
            Py_XDECREF(stored)

    def crash(self):
        """Do nothing.  The bug: the process receives a SIGSEGV."""
        if self._buggy:
            signal_me(SIGSEGV)

    def wait(self):
        """Lock a mutex of its own.  The bug: it locks it twice, and holds the GIL."""
        lock(2 if self._buggy else 1)
