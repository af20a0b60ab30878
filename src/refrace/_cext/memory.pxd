# memory.pxd -- mirrors cext/modes/memory.h; no code, no defaults, no renaming.

cdef extern from "modes/memory.h" nogil:
    ctypedef struct rr_memory:
        int words
        int locks
        int lanes
        int bytes
        int lane_bytes

    int rr_mode_memory(int mode, rr_memory *out)
