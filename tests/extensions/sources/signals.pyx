# cython: language_level=3str, freethreading_compatible=True
"""A signal with one function, kept as the user data of a C library would be."""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_INCREF

include "twin.pxi"


cdef class Signal:
    """Calls the connected function whenever it is sent."""

    cdef PyObject *_function

    def connect(self, function):
        """Connect a function, instead of the one before."""
        cdef PyObject *old
        if not BUG:  # the bug: nothing keeps the function alive
            Py_INCREF(function)
        with cython.critical_section(self):
            old = self._function
            self._function = <PyObject *> function
        if not BUG:
            Py_XDECREF(old)

    def send(self):
        """Call the function; return what it returns."""
        function = None
        with cython.critical_section(self):
            if self._function != NULL:
                function = <object> self._function
        return None if function is None else function()

    def __dealloc__(self):
        if not BUG:
            Py_XDECREF(self._function)
