# walk.pxd -- mirrors cext/explore/walk.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, int64_t, uint32_t

from refrace._cext.machine cimport rr_machine, rr_progress

cdef extern from "explore/walk.h" nogil:
    ctypedef struct rr_walk:
        rr_machine *m
        int32_t choices[99]
        int n_choices
        int last
        bint last_is_enabled
        uint32_t kinds
        int64_t n_steps
        int64_t n_preemptions

    int rr_walk_open(rr_machine *m, rr_walk *out)
    void rr_walk_close(rr_walk *walk)
    rr_progress rr_walk_begin(rr_walk *walk)
    rr_progress rr_walk_take(rr_walk *walk, int32_t code)
    bint rr_walk_preempts(const rr_walk *walk, int32_t code)
    int32_t rr_walk_waits_on(rr_walk *walk, int thread)
