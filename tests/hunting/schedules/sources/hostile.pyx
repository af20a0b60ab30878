# cython: language_level=3
# cython: freethreading_compatible=True
"""Operations that call Python code which a scheduler does not expect."""

cdef class Hostile:
    cdef long n
    cdef object call

    def __init__(self, call):
        self.call = call

    def work(self):
        self.n += 1
        with nogil:
            self.n += 1
        self.call()
        self.n += 1
