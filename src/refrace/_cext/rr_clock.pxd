# rr_clock.pxd -- mirrors cext/base/rr_clock.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "base/rr_clock.h" nogil:
    int64_t rr_now_ns()
    void rr_yield()
