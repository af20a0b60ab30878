# firsts.pxd -- mirrors cext/arena/firsts.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t, uint64_t

cdef extern from "arena/firsts.h" nogil:
    ctypedef enum rr_first_kind:
        RR_FIRST_FREE
        RR_FIRST_REFREE
        RR_FIRST_LATE_USE
        RR_FIRST_OVER_RELEASE
        RR_N_FIRSTS

    ctypedef struct rr_first:
        int64_t doing
        uint64_t thread
        int64_t before
        int64_t after
