# canary.pxd -- mirrors cext/cpython/canary.h; no code, no defaults, no renaming.
from cpython.object cimport PyObject, PyTypeObject
from libc.stdint cimport int64_t, uint32_t, uint64_t, uintptr_t

cdef extern from "cpython/canary.h":
    enum:
        RR_MOST_CANARIES
        RR_MOST_TRAPPED
        RR_MOST_OUTSIDE
        RR_MOST_HOOKS
        RR_SLOT_argument
        RR_SLOT_any
        RR_SLOT_death
        RR_N_SLOTS
        RR_N_PROTOCOLS
        RR_N_ACTIONS

    ctypedef enum rr_limit:
        RR_LIMIT_NONE
        RR_LIMIT_CANARIES
        RR_LIMIT_TRAPPED
        RR_LIMIT_OUTSIDE
        RR_LIMIT_MEMORY

    const char *rr_slot_names[]
    const char *rr_protocol_names[]
    const char *rr_action_names[]

    ctypedef struct rr_hook_plan:
        int slot
        int action
        uint32_t nth

    ctypedef struct rr_canary_plan:
        unsigned supports
        bint is_tracked
        bint is_merged
        bint is_trapped
        bint has_page
        bint has_value
        int64_t value
        int n_hooks
        rr_hook_plan *hooks

    ctypedef struct rr_canary:
        pass

    ctypedef struct rr_canary_reading:
        rr_canary_plan plan
        int state
        int64_t expected
        int64_t count
        int64_t drift
        int64_t deaths
        int64_t touches
        int64_t dead_touches
        const char *first_dead_slot
        bint died_in_slot
        bint died_detached
        bint died_while_held
        int n_traps
        uintptr_t *traps
        uint64_t toucher
        uint64_t killer
        const char *touch_stack
        const char *death_stack
        int64_t made_by
        const char *born_in

    PyTypeObject *rr_canary_base(const char *doc) except NULL
    void rr_canary_set_python(object make, object describe)
    PyObject *rr_canary_make(const rr_canary_plan *plan, rr_limit *why) except? NULL
    int64_t rr_canary_find(const void *address)
    rr_canary *rr_canary_numbered(int64_t number)
    bint rr_canary_is_recent(const rr_canary *canary)
    int64_t rr_canaries_top()
    uintptr_t rr_canary_address(const rr_canary *canary)
    void rr_canary_read(const rr_canary *canary, rr_canary_reading *out)
    bint rr_canary_hold(rr_canary *canary)
    bint rr_canary_release(rr_canary *canary)
    void rr_unown_items(object list)
    void rr_hooks_set_handler(PyObject *handler)
    void rr_hooks_arm(bint is_on)
    int64_t rr_canaries_reset()
    void rr_canary_guard(rr_canary *canary, int64_t longest_ns)
    void rr_canary_unguard(rr_canary *canary)
    ctypedef struct rr_step_plan:
        uint64_t seed
        uint32_t one_in
        int64_t longest_ns
        int64_t most

    bint rr_steps_add(const char *path)
    bint rr_steps_begin(const rr_step_plan *plan)
    void rr_steps_end()
    bint rr_trap_is_supported()
    bint rr_trap_install()
