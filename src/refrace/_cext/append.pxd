# append.pxd -- mirrors cext/lessons/append.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t, uint64_t

cdef extern from "lessons/append.h" nogil:
    enum:
        RR_MAX_APPENDERS
        RR_MAX_APPENDS

    ctypedef struct rr_append_config:
        int n_threads
        int64_t n_appends
        bint locked
        uint64_t seed

    ctypedef enum rr_append_turn:
        RR_APPEND_READ
        RR_APPEND_STORED
        RR_APPEND_PUBLISHED
        RR_APPEND_WAITS
        RR_APPEND_DONE

    ctypedef struct rr_append_tally:
        int64_t appends
        int64_t kept
        int64_t overwritten
        int64_t cut_off
        int64_t length
        int64_t interleaved
        int64_t elapsed_ns

    ctypedef struct rr_append:
        pass

    int rr_append_open(const rr_append_config *config, rr_append **out)
    void rr_append_close(rr_append *append)
    int rr_append_step(rr_append *append, int thread, rr_append_turn *out)
    void rr_append_pause(rr_append *append, int thread)
    void rr_append_stop(rr_append *append)
    int64_t rr_append_progress(const rr_append *append)
    int rr_append_tally_of(const rr_append *append, rr_append_tally *out)
