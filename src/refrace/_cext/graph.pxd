# graph.pxd -- mirrors cext/explore/graph.h; no code, no defaults, no renaming.
from libc.stdint cimport uint32_t, uint64_t

cdef extern from "explore/graph.h" nogil:
    ctypedef enum rr_graph_phase:
        RR_GRAPH_OPEN
        RR_GRAPH_DONE
        RR_GRAPH_FULL
        RR_GRAPH_MEMORY
        RR_GRAPH_MISUSE
        RR_GRAPH_GROW

    ctypedef struct rr_state_store:
        size_t state_bytes

    ctypedef struct rr_graph:
        rr_state_store space
        rr_graph_phase phase
        uint32_t n_expanded
        uint64_t n_transitions
        uint64_t max_states
        int misuse
        int misuse_thread
        int misuse_branch
        int misuse_choice
        int misuse_before
        unsigned max_degree
        uint32_t *outcomes
        int n_outcomes

    uint32_t rr_graph_n_states(const rr_graph *g)
