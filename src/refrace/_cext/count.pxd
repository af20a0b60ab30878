# count.pxd -- mirrors cext/work/count.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "work/count.h" nogil:
    int64_t rr_work_count(int64_t n)
