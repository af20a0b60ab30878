# path_counts.pxd -- mirrors cext/explore/path_counts.h; no code, defaults or renaming.
from libc.stdint cimport uint32_t, uint64_t

cdef extern from "explore/path_counts.h" nogil:
    enum:
        RR_MAX_SOLVED

    ctypedef struct rr_bounds:
        double log2_runs
        uint32_t *power

    ctypedef struct rr_bounding:
        rr_bounds found
        bint is_done

    ctypedef struct rr_path_counts:
        bint is_unsolved
        bint is_singular
        int n_outcomes
        uint64_t *n_paths
        uint64_t *probability
        rr_bounding bounding

    bint rr_path_counts_is_infinite(const rr_path_counts *runs, int outcome)
