# runs.pxd -- mirrors cext/explore/runs.h; no code, no defaults, no renaming.
from libc.stdint cimport uint32_t, uint64_t

cdef extern from "explore/runs.h" nogil:
    enum:
        RR_MAX_SOLVED
        RR_MAX_DEGREE

    ctypedef struct rr_runs:
        bint is_unsolved
        bint is_singular
        int n_outcomes
        uint64_t *n_paths
        uint64_t *probability

    ctypedef struct rr_bounds:
        double log2_runs
        uint32_t power[102]

    bint rr_runs_is_infinite(const rr_runs *runs, int outcome)
    int rr_runs_bounds(const rr_runs *runs, rr_bounds *out)
