# layout.pxd -- mirrors cext/program/layout.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t

cdef extern from "program/layout.h" nogil:
    enum:
        RR_N_CAPACITIES
        RR_CAPACITY_READS
        RR_OBJECT_STATUS
        RR_OBJECT_COUNT
        RR_OBJECT_LEDGER
        RR_THREAD_FRAMES
        RR_FRAME_LOCALS

    ctypedef struct rr_object_layout:
        int32_t base
        int32_t type
        int32_t first_field
        int32_t n_fields

    ctypedef struct rr_thread_layout:
        int32_t base
        int32_t buffer
        int32_t lanes
        int32_t announced
        int32_t attachment

    ctypedef struct rr_layout:
        int32_t n_words
        int32_t n_row
        int32_t n_objects
        int32_t n_threads
        int32_t latent
        int32_t holder
        int32_t count_lock
        int32_t gil
        int32_t epoch
        int32_t stop
        int32_t cells
        int32_t *containers
        int32_t *locks
        int32_t mutex_offset
        int32_t count_mutex_offset
        int32_t shared_offset
        int32_t tid_offset
        int32_t queue_offset
        int32_t n_lanes
        rr_object_layout *objects
        rr_thread_layout *threads
