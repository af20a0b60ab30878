# barrier.pxd -- mirrors cext/race/barrier.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "race/barrier.h" nogil:
    ctypedef struct rr_barrier:
        int n_threads

    bint rr_barrier_arrive(rr_barrier *barrier)
    void rr_barrier_open(rr_barrier *barrier)
    int64_t rr_barrier_round(rr_barrier *barrier)
