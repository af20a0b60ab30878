# lock_graph.pxd -- mirrors cext/lessons/lock_graph.h; no code, defaults or renaming.
from libc.stdint cimport int64_t

cdef extern from "lessons/lock_graph.h" nogil:
    enum:
        RR_MAX_WAITERS

    ctypedef enum rr_lock_grant:
        RR_LOCK_GRANTED
        RR_LOCK_DEADLOCK
        RR_LOCK_GIVEN_UP

    ctypedef struct rr_wait_edge:
        int thread
        int holds
        int waits_for

    ctypedef struct rr_lock_graph:
        pass

    int rr_lock_graph_open(int n_threads, int n_locks, int64_t deadline_ns,
                           rr_lock_graph **out)
    void rr_lock_graph_close(rr_lock_graph *graph)
    rr_lock_grant rr_lock_graph_acquire(rr_lock_graph *graph, int thread, int lock)
    void rr_lock_graph_release(rr_lock_graph *graph, int thread, int lock)
    bint rr_lock_graph_meet(rr_lock_graph *graph, int thread)
    void rr_lock_graph_stop(rr_lock_graph *graph)
    int rr_lock_graph_cycle(rr_lock_graph *graph, rr_wait_edge *edges)
    int64_t rr_lock_graph_waits(rr_lock_graph *graph)
    bint rr_lock_graph_expired(rr_lock_graph *graph)
