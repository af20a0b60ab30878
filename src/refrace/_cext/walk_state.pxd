# walk_state.pxd -- mirrors cext/explore/walk_state.h; nothing renamed.
from libc.stdint cimport int32_t, uint32_t

from refrace._cext.machine cimport rr_progress
from refrace._cext.walk cimport rr_walk

cdef extern from "explore/walk_state.h" nogil:
    enum:
        RR_WALK_NEW

    ctypedef struct rr_message:
        int32_t word
        int32_t value
        int32_t source
        bint is_newest
        uint32_t readers

    ctypedef struct rr_unordered:
        int thread
        int32_t object
        int32_t word
        uint32_t others
        bint is_new

    size_t rr_walk_memory_bytes(const rr_walk *walk)
    size_t rr_walk_keep_memory(const rr_walk *walk, char *out)
    rr_progress rr_walk_resume(rr_walk *walk, const char *memory)
    int32_t rr_walk_most_messages(const rr_walk *walk)
    int32_t rr_walk_messages(const rr_walk *walk, rr_message *out)
    int32_t rr_walk_most_unordered(const rr_walk *walk)
    int32_t rr_walk_unordered(const rr_walk *walk, rr_unordered *out)
