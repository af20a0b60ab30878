# search.pxd -- mirrors cext/explore/search.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, uint32_t, uint64_t

from refrace._cext.graph cimport rr_graph
from refrace._cext.machine cimport rr_machine, rr_weak
from refrace._cext.order cimport rr_order
from refrace._cext.program cimport rr_program
from refrace._cext.path_counts cimport rr_path_counts
from refrace._cext.rr_spill cimport rr_spill
from refrace._cext.shortest cimport rr_shortest

cdef extern from "explore/search.h" nogil:
    ctypedef enum rr_search_phase:
        RR_SEARCH_GRAPH
        RR_SEARCH_ORDER
        RR_SEARCH_SHORTEST
        RR_SEARCH_RUNS
        RR_SEARCH_DONE

    ctypedef enum rr_limit:
        RR_LIMIT_NONE
        RR_LIMIT_STATES
        RR_LIMIT_SECONDS
        RR_LIMIT_MEMORY
        RR_LIMIT_INTERRUPT
        RR_LIMIT_WORDS
        RR_LIMIT_HISTORY
        RR_LIMIT_DISK
        RR_LIMIT_ROOM

    ctypedef struct rr_search_config:
        const rr_program *program
        int mode
        bint gil_held
        bint use_symmetry
        int only
        uint64_t max_states
        uint64_t max_bytes
        const char *folder
        const rr_weak *weak
        bint is_reduced
        int n_workers
        uint32_t fewest

    ctypedef struct rr_search:
        int32_t capacity[5]
        rr_machine *m
        rr_graph graph
        rr_order order
        rr_shortest shortest
        rr_path_counts runs
        rr_search_phase phase
        rr_limit limit
        bint is_counted
        rr_spill spill
        bint has_spill

    int rr_search_open(const rr_search_config *config, rr_search **out)
    void rr_search_close(rr_search *s)
    int rr_search_advance(rr_search *s)
    uint64_t rr_search_peak_bytes(const rr_search *s)
    rr_limit rr_search_no_room(const rr_search *s)
    int rr_search_stop(rr_search *s, rr_limit why)
    int rr_search_count(rr_search *s, uint64_t prime)
    int rr_search_bound(rr_search *s)
    bint rr_search_bounds_beside(const rr_search *s)
