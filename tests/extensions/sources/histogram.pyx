# cython: language_level=3str, freethreading_compatible=True
"""How often each value occurs, counted without the GIL."""

from threading import Lock

include "twin.pxi"


cdef class Histogram:
    """Sixteen bins for the bytes of texts, by their low bits."""

    cdef long _bins[16]
    cdef object _lock

    def __cinit__(self):
        self._lock = Lock()

    cdef void _count(self, const unsigned char *text, Py_ssize_t size) noexcept nogil:
        cdef long bins[16]
        cdef Py_ssize_t i
        for i in range(16):
            bins[i] = self._bins[i]
        for i in range(size):
            bins[text[i] & 15] += 1
        for i in range(16):
            self._bins[i] = bins[i]

    def add(self, bytes text not None):
        """Count the bytes of `text`."""
        cdef const unsigned char *characters = text
        cdef Py_ssize_t size = len(text)
        if BUG:
            with nogil:  # others may count from the same numbers
                self._count(characters, size)
        else:
            with self._lock, nogil:
                self._count(characters, size)

    def bins(self):
        """Return the sixteen numbers."""
        with self._lock:
            return [self._bins[i] for i in range(16)]
