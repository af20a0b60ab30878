# busy_loop.pxd -- mirrors cext/lessons/busy_loop.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "lessons/busy_loop.h" nogil:
    int64_t rr_busy_loop(int64_t n)
