# handle.pxd -- mirrors cext/arena/handle.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t, uint64_t

from refrace._cext.firsts cimport rr_first, rr_first_kind

cdef extern from "arena/handle.h" nogil:
    enum:
        RR_MAX_THREAD_SLOTS

    ctypedef struct rr_domain:
        pass
    ctypedef struct rr_handle:
        pass
    ctypedef struct rr_handle_reading:
        int64_t refcount
        int64_t ledger
        int64_t ledger_at_end
        int64_t deaths
        int64_t uses_after_free
        int64_t over_releases
        int64_t operations
        int64_t in_flight
        int64_t gap_waits
        int64_t gaps_met
        bint is_waiting

    int rr_domain_open(rr_domain **out)
    void rr_domain_close(rr_domain *domain)
    int rr_domain_threads(rr_domain *domain, uint64_t *idents)

    int rr_handle_open(int mode, rr_domain *domain, rr_handle **out)
    void rr_handle_close(rr_handle *handle)
    int rr_handle_widen(rr_handle *handle)
    int rr_handle_incref(rr_handle *handle, int64_t n, bint may_wait)
    int rr_handle_decref(rr_handle *handle, int64_t n, bint may_wait)
    int rr_handle_quiesce(rr_handle *handle, int64_t *out)
    int rr_handle_collapse(rr_handle *handle, int64_t *out)
    int rr_handle_detach(rr_handle *handle)
    int rr_handle_attach(rr_handle *handle)
    bint rr_handle_use(rr_handle *handle)
    void rr_handle_read(rr_handle *handle, rr_handle_reading *out)
    bint rr_handle_first(rr_handle *handle, rr_first_kind kind, rr_first *out)
    unsigned int rr_handle_firsts_known(rr_handle *handle)
