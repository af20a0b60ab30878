# shortest.pxd -- mirrors cext/explore/shortest.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, uint32_t

cdef extern from "explore/shortest.h" nogil:
    ctypedef struct rr_hit:
        bint is_found
        uint32_t preemptions
        uint32_t steps

    ctypedef struct rr_shortest:
        rr_hit hits[14]
        rr_hit goal_hit

    int rr_shortest_schedule(
        const rr_shortest *s, const rr_hit *hit, int32_t *codes, int *now
    )
