# program.pxd -- mirrors cext/program/program.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t

cdef extern from "program/program.h" nogil:
    enum:
        RR_MAX_PROGRAM_THREADS
        RR_MAX_INTEGER
        RR_MAX_LOCALS
        RR_MAX_LOCAL_STEPS
        RR_MAX_DEPTH
        RR_MAX_CAPACITY
        RR_MAX_STATE_WORDS
        RR_MAX_STATES
        RR_N_OPS
        RR_N_FINDINGS
        RR_N_MISUSES
        RR_DEADLOCK

    ctypedef struct rr_instr:
        int32_t op
        int32_t result
        int32_t p[4]
        int32_t statement

    ctypedef struct rr_template:
        int32_t max_count
        int32_t n_fields

    ctypedef struct rr_named_object:
        int32_t type
        int32_t count

    ctypedef struct rr_program:
        int32_t n_threads
        int32_t has_end
        int32_t n_cells
        int32_t n_containers
        int32_t n_locks
        int32_t n_objects
        int32_t n_templates
        rr_template *templates
        rr_named_object *objects

    bint rr_is_integer(int32_t word)
    bint rr_is_pointer(int32_t word)
    int rr_integer_of(int32_t word)
    int rr_object_of(int32_t word)

    int rr_program_open(const int32_t *image, size_t n, rr_program **out)
    void rr_program_close(rr_program *program)

    const char *rr_op_name(int op)
    const char *rr_finding_name(int kind)
    const char *rr_misuse_message(int misuse)
    bint rr_misuse_is_limit(int misuse)
