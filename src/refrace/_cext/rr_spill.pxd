# rr_spill.pxd -- mirrors cext/base/rr_spill.h; no code, no defaults, no renaming.
from libc.stdint cimport uint64_t

cdef extern from "base/rr_spill.h" nogil:
    ctypedef struct rr_spill:
        uint64_t peak_on_disk
