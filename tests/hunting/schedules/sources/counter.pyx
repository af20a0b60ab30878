# cython: language_level=3
# cython: freethreading_compatible=True
"""A lost update in Cython: without the GIL, and without a lock."""

cdef extern from *:
    """
    #ifdef BUG
    #define IS_WRONG 1
    #else
    #define IS_WRONG 0
    #endif
    """
    const int IS_WRONG

from cpython.pythread cimport (
    PyThread_acquire_lock,
    PyThread_allocate_lock,
    PyThread_release_lock,
    PyThread_type_lock,
)


cdef class Counter:
    cdef long n
    cdef PyThread_type_lock lock

    def __cinit__(self):
        self.lock = PyThread_allocate_lock()

    def add(self):
        with nogil:
            if not IS_WRONG:
                PyThread_acquire_lock(self.lock, 1)
            self.n = self.n + 1
            if not IS_WRONG:
                PyThread_release_lock(self.lock)

    def count(self):
        return self.n
