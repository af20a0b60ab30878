# cython: language_level=3
# cython: freethreading_compatible=True
# cython: boundscheck=False, wraparound=False
"""Lost updates in Cython: through a memoryview, and around a block that takes the GIL."""

from array import array

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
    cdef long[::1] cells
    cdef long n
    cdef PyThread_type_lock lock

    def __cinit__(self):
        self.cells = array("l", [0, 0, 0])
        self.lock = PyThread_allocate_lock()

    def add_cell(self):
        with nogil:
            if not IS_WRONG:
                PyThread_acquire_lock(self.lock, 1)
            self.cells[1] = self.cells[1] + 1
            if not IS_WRONG:
                PyThread_release_lock(self.lock)

    def cell(self):
        return self.cells[1]

    def add_slowly(self):
        cdef long seen
        with nogil:
            if not IS_WRONG:
                PyThread_acquire_lock(self.lock, 1)
            seen = self.n
            with gil:
                float(seen)
            self.n = seen + 1
            if not IS_WRONG:
                PyThread_release_lock(self.lock)

    def slowly(self):
        return self.n
