# machine.pxd -- mirrors cext/machine/machine.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, int64_t, uint32_t

from refrace._cext.layout cimport RR_N_CAPACITIES, rr_layout
from refrace._cext.program cimport rr_instr, rr_program, rr_template

cdef extern from "machine/machine.h" nogil:
    enum:
        RR_STATUS_MASK

    ctypedef enum rr_branch:
        RR_STEP
        RR_TAKEN
        RR_DRAIN

    ctypedef enum rr_progress:
        RR_RAN
        RR_WAITS
        RR_NOTHING
        RR_ENDED
        RR_MISUSED
        RR_GROW

    enum:
        RR_GROW_HISTORY
        RR_GROW_WAYS

    ctypedef enum rr_place:
        RR_PLACE_NONE
        RR_PLACE_CELL
        RR_PLACE_FIELD
        RR_PLACE_PAYLOAD
        RR_PLACE_COUNT
        RR_PLACE_MUTEX
        RR_PLACE_COUNT_MUTEX
        RR_PLACE_COUNT_LOCK
        RR_PLACE_SHARED
        RR_PLACE_TID
        RR_PLACE_GIL
        RR_PLACE_QUEUE
        RR_PLACE_LOCK
        RR_PLACE_CONTAINER

    ctypedef struct rc_site:
        const char *text
        const char *file
        int line

    enum:
        RR_CODE_BITS
        RR_MOST_HISTORY
        RR_WEAK_THREADS
        RR_MAX_SITES

    ctypedef enum rc_order:
        RC_SEQ_CST
        RC_PLAIN
        RC_RELAXED
        RC_ACQUIRE
        RC_RELEASE
        RC_ACQ_REL

    ctypedef struct rr_ways:
        pass

    ctypedef struct rr_weakening:
        const char *file
        const char *text
        int line
        rc_order order

    ctypedef struct rr_noted:
        const char *file
        const char *text
        int line
        rc_order order

    ctypedef struct rr_sites:
        int n
        rr_noted *noted

    ctypedef struct rr_weak:
        int history
        rr_ways *ways
        const rr_weakening *weakened
        int n_weakened
        rr_sites *sites

    ctypedef struct rr_seen:
        const rr_instr *instr
        rc_site site
        rr_place place
        int32_t index
        int32_t object
        bint begins
        bint completes
        bint has_result
        int32_t result
        rc_order order
        rc_order fence
        bint has_order
        bint has_fence
        bint has_source
        bint is_old
        int32_t source
        int32_t rival
        int32_t follows
        int32_t value

    ctypedef struct rr_machine:
        const rr_program *program
        rr_layout layout
        int32_t *w
        int32_t *scratch
        uint32_t kinds
        const rr_instr *at
        int at_thread
        int misuse
        int grow
        bint is_weak
        int choice
        int32_t culprit
        int32_t waits_on
        rr_seen seen

    int rr_machine_open_weak(
        const rr_program *program,
        int mode,
        bint gil_held,
        int only,
        const int32_t *capacity,
        const rr_weak *weak,
        rr_machine **out,
    )
    void rr_machine_close(rr_machine *m)
    rr_progress rr_machine_begin(rr_machine *m)
    rr_progress rr_machine_take(rr_machine *m, int32_t code)
    int32_t rr_code_of(int thread, int branch, int choice)
    int rr_thread_of_code(int32_t code)
    bint rr_machine_has_ended(const rr_machine *m, int thread)
    bint rr_machine_is_at_maybe(const rr_machine *m, int thread)
    bint rr_machine_can_drain(const rr_machine *m, int thread)
    uint32_t rr_machine_judge(const rr_machine *m)
    int64_t rr_machine_count(const rr_machine *m, const int32_t *w, int object)
    int32_t rr_machine_unfit(const rr_machine *m, int32_t *largest)
    int rr_machine_standing(const rr_machine *m, const int32_t *w, int object)
    int64_t rr_machine_owners(const rr_machine *m, int object)
    const rr_template *rr_machine_template(const rr_machine *m, int object)
