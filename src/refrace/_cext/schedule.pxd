# schedule.pxd -- mirrors cext/cpython/schedule/schedule.h; no code, no defaults, no
# renaming.
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t, uintptr_t

cdef extern from "cpython/schedule/schedule.h":
    enum:
        RR_MOST_RUNNERS
        RR_MOST_CHOICES
        RR_MOST_DECISIONS
        RR_MOST_LOGGED
        RR_MOST_RECORDED
        RR_MOST_NAME
        RR_POINT_WAITS
        RR_GIL_ADDRESS
        RR_WRITES
        RR_CONFLICTS
        RR_HAS_LIMIT

    ctypedef enum rr_event_kind:
        RR_EVENT_BLOCK
        RR_EVENT_POINT
        RR_EVENT_CHOICE
        RR_EVENT_TOUCH
        RR_EVENT_LOCKS
        RR_EVENT_TURN
        RR_EVENT_QUIET
        RR_EVENT_ALONE
        RR_EVENT_ANYTHING
        RR_EVENT_TAKES
        RR_EVENT_LEAVES
        RR_EVENT_WAITS
        RR_EVENT_WAKES_ONE
        RR_EVENT_WAKES_ALL
        RR_EVENT_END

    ctypedef enum rr_way:
        RR_WAY_OWNS
        RR_WAY_SHARES
        RR_WAY_COUNTS
        RR_WAY_SIGNAL

    ctypedef enum rr_strategy:
        RR_FOLLOW
        RR_RANDOM
        RR_PCT

    ctypedef struct rr_frames:
        int n
        void *pc[12]

    ctypedef struct rr_sighting:
        int kind
        uintptr_t address
        int runner
        int other
        bint is_write
        bint other_is_write
        rr_frames at
        rr_frames other_at
        uint64_t step

    ctypedef struct rr_decision:
        uint32_t at
        uint32_t runner

    ctypedef struct rr_choice:
        uint32_t step
        uint8_t current
        bint current_could_go_on
        uint8_t able
        uint8_t chosen
        uint8_t point
        bint conflicts
        uintptr_t address
        size_t size
        uint32_t epoch
        uint64_t order
        uint64_t where

    ctypedef struct rr_event:
        uint8_t kind
        uint8_t runner
        uint8_t point
        uint8_t flags
        uint8_t chosen
        uint8_t way
        uint32_t epoch
        uint64_t where
        uintptr_t address
        uintptr_t other
        uintptr_t wants
        size_t size

    ctypedef struct rr_logged:
        uint64_t step
        void *pc
        const char *name
        uintptr_t address
        uint64_t before
        uint64_t after
        uint8_t size
        uint8_t point
        uint8_t runner
        uint8_t gil

    ctypedef struct rr_recorded:
        uint64_t step
        uint64_t where
        uint64_t place
        uintptr_t address
        uint64_t before
        uint8_t size
        uint8_t point
        uint8_t runner
        uint8_t gil
        uint8_t has_before
        bint was_preempted
        const char *name

    ctypedef struct rr_flight:
        uint32_t n_runs
        uint32_t n_decisions
        uint32_t n_recorded
        rr_decision *decisions
        rr_recorded *recorded

    ctypedef struct rr_settings:
        bint finds_races
        bint calls_are_points
        uint64_t most_steps
        uint64_t most_steps_in_a_row

    ctypedef struct rr_run:
        rr_strategy strategy
        uint64_t seed
        double preempt_probability
        uint32_t n_changes
        uint32_t horizon
        bint is_logged
        const rr_decision *decisions
        uint32_t n_decisions

    ctypedef struct rr_result:
        uint64_t steps
        uint64_t switches
        uint64_t hash
        uint64_t blocks_inferred
        uint64_t order
        uint32_t n_choices
        uint32_t n_made
        uint32_t n_preemptions
        bint has_diverged
        uint64_t *points
        uint64_t *calls

    ctypedef struct rr_pauses:
        uint64_t seed
        uint32_t one_in
        int64_t shortest_ns
        int64_t longest_ns
        bint at_returns

    rr_settings rr_schedule_settings
    int rr_schedule_report_to
    int rr_schedule_open(rr_flight *flight) except -1
    int rr_schedule_patch(const char *path, bint only_python) except -1
    void rr_schedule_set_pauses(const rr_pauses *how)
    int rr_schedule_start(int n) except -1
    void rr_schedule_begin_round()
    void rr_schedule_end_round()
    int rr_schedule_run(
        const rr_run *how,
        PyObject **callables,
        int n,
        PyObject **results,
        PyObject **exceptions,
        rr_result *out,
    ) except -1
    int rr_schedule_drain(PyObject **callables, int n) except -1
    void rr_schedule_give_way()
    void rr_schedule_hand_over(int runner)
    bint rr_schedule_has_waiters()
    const rr_choice *rr_schedule_choices(uint32_t *n)
    const rr_decision *rr_schedule_made(uint32_t *n)
    const rr_event *rr_schedule_events(uint32_t *n)
    const rr_sighting *rr_schedule_sightings(int *n)
    const rr_logged *rr_schedule_log(uint32_t *n)
    const char *rr_schedule_image(const void *pc, uintptr_t *offset)
    const char *rr_schedule_recorded_image(
        const rr_flight *flight, uint64_t where, uintptr_t *offset
    )
