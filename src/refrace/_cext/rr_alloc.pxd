# rr_alloc.pxd -- mirrors cext/base/rr_alloc.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "base/rr_alloc.h" nogil:
    void *rr_alloc(size_t n, size_t size)
    void rr_free(void *block)
    int64_t rr_alloc_live()
    int64_t rr_alloc_fail_at(int64_t n)
