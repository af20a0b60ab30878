# cython: language_level=3str, freethreading_compatible=True
"""A checksum of the bytes of anything with a buffer."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer

include "twin.pxi"


def checksum(data, int start):
    """Return the sum of the bytes from `start` on, modulo 65521."""
    cdef Py_buffer view
    cdef long total = 0
    cdef Py_ssize_t i
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    if start < 0 or start > view.len:
        if not BUG:  # the bug: the buffer keeps `data` alive
            PyBuffer_Release(&view)
        raise IndexError(f"{start} is not between 0 and {view.len}")
    for i in range(start, view.len):
        total = (total + (<unsigned char *> view.buf)[i]) % 65521
    PyBuffer_Release(&view)
    return total
