# sample.pxd -- mirrors cext/explore/sample.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext.machine cimport rr_machine, rr_progress

cdef extern from "explore/sample.h" nogil:
    ctypedef enum rr_strategy:
        RR_UNIFORM
        RR_PCT

    ctypedef struct rr_found:
        int64_t n_preemptions
        int64_t n_steps
        int32_t *codes

    ctypedef struct rr_sample:
        int64_t n_runs
        int64_t n_too_long
        int64_t n_outgrown
        int64_t n_beyond_horizon
        int64_t longest
        uint64_t *tally
        rr_found found[14]
        int32_t *codes
        rr_progress stopped
        int64_t n_codes

    int rr_sample_open(
        rr_machine *m,
        rr_strategy strategy,
        int depth,
        int64_t max_steps,
        int64_t horizon,
        uint64_t seed,
        uint64_t first_run,
        rr_sample *out,
    )
    void rr_sample_close(rr_sample *s)
    int rr_sample_advance(rr_sample *s, int64_t n)
