# ring.pxd -- mirrors cext/lessons/ring.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

from refrace._cext.lock_graph cimport rr_wait_edge

cdef extern from "lessons/ring.h" nogil:
    ctypedef enum rr_lock_order:
        RR_ORDER_SAME
        RR_ORDER_OPPOSITE

    ctypedef struct rr_ring_config:
        int n_threads
        rr_lock_order order
        bint global_lock
        int64_t timeout_ns

    ctypedef struct rr_ring_result:
        int n_finished
        int n_edges
        int64_t n_waits
        bint expired
        int64_t elapsed_ns
        rr_wait_edge *cycle

    ctypedef struct rr_ring:
        pass

    int rr_ring_open(const rr_ring_config *config, rr_ring **out)
    void rr_ring_close(rr_ring *ring)
    void rr_ring_run(rr_ring *ring, int thread)
    void rr_ring_stop(rr_ring *ring)
    void rr_ring_result_of(rr_ring *ring, rr_ring_result *out)
