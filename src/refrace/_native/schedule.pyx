"""Runs threads of an instrumented extension under a chosen schedule.

Import it with the flag RTLD_GLOBAL, before the extension, in a process that may end at
any moment: the extension's calls of a sanitizer's runtime come to this module.
"""

from collections import namedtuple
from os import fsdecode

from cpython.memoryview cimport PyMemoryView_GET_BUFFER
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF
from libc.stdint cimport int64_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

from refrace._cext cimport schedule

MOST_RUNNERS = schedule.RR_MOST_RUNNERS
MOST_CHOICES = schedule.RR_MOST_CHOICES
MOST_DECISIONS = schedule.RR_MOST_DECISIONS
MOST_LOGGED = schedule.RR_MOST_LOGGED
FLIGHT_BYTES = sizeof(schedule.rr_flight)

FOLLOW = schedule.RR_FOLLOW
RANDOM = schedule.RR_RANDOM
PCT = schedule.RR_PCT

EVENT_BLOCK = schedule.RR_EVENT_BLOCK
EVENT_POINT = schedule.RR_EVENT_POINT
EVENT_CHOICE = schedule.RR_EVENT_CHOICE
EVENT_TOUCH = schedule.RR_EVENT_TOUCH
EVENT_LOCKS = schedule.RR_EVENT_LOCKS
EVENT_TURN = schedule.RR_EVENT_TURN
EVENT_QUIET = schedule.RR_EVENT_QUIET
EVENT_ALONE = schedule.RR_EVENT_ALONE
EVENT_ANYTHING = schedule.RR_EVENT_ANYTHING
EVENT_TAKES = schedule.RR_EVENT_TAKES
EVENT_LEAVES = schedule.RR_EVENT_LEAVES
EVENT_WAITS = schedule.RR_EVENT_WAITS
EVENT_WAKES_ONE = schedule.RR_EVENT_WAKES_ONE
EVENT_WAKES_ALL = schedule.RR_EVENT_WAKES_ALL
EVENT_END = schedule.RR_EVENT_END
WRITES = schedule.RR_WRITES
CONFLICTS = schedule.RR_CONFLICTS
HAS_LIMIT = schedule.RR_HAS_LIMIT
WAY_OWNS = schedule.RR_WAY_OWNS
WAY_SHARES = schedule.RR_WAY_SHARES
WAY_COUNTS = schedule.RR_WAY_COUNTS
WAY_SIGNAL = schedule.RR_WAY_SIGNAL
GIL_ADDRESS = schedule.RR_GIL_ADDRESS

# By their numbers in schedule.h.
POINTS = (
    *("read", "write", "atomic", "gil-release", "gil-take", "lock", "unlock", "call"),
    *("free", "call", "end", "waits"),
)
SIGHTINGS = ("use-after-free", "double-free", "write-after-free", "data-race")

Run = namedtuple("Run", [
    "results", "exceptions", "steps", "switches", "hash", "blocks_inferred",
    "n_choices", "preemptions", "has_diverged", "points", "calls", "order",
])
Sighting = namedtuple("Sighting", [
    "kind", "address", "runner", "other", "is_write", "other_is_write", "frames",
    "other_frames", "step",
])
Logged = namedtuple("Logged", [
    "step", "pc", "name", "address", "before", "after", "size", "point", "runner",
    "gil",
])

include "flight_recorder.pxi"


def patch(path, bint only_python=False):
    """Redirect the imports of a loaded module file; return its number of hooks.

    `only_python`: those of the C API alone, which is enough for pauses.
    """
    return schedule.rr_schedule_patch(path.encode(), only_python)


def set_pauses(uint64_t seed=0, uint32_t one_in=0, int64_t shortest_ns=0,
               int64_t longest_ns=0, bint at_returns=False):
    """Let one of so many calls of patched modules be late, on threads of no run.

    0 is none.  With a GIL only where it is released.  Without one, half of them return
    late instead with `at_returns`: for that, the addresses to which they return are
    changed on the stack.  All threads together pause at most 2 s until the next call.
    """
    if not 0 <= shortest_ns <= longest_ns:
        raise ValueError("pauses end before they begin")
    cdef schedule.rr_pauses how
    how.seed = seed
    how.one_in = one_in
    how.shortest_ns = shortest_ns
    how.longest_ns = longest_ns
    how.at_returns = at_returns
    schedule.rr_schedule_set_pauses(&how)


def start(int n):
    """Start runners until there are `n`, all on one processor."""
    schedule.rr_schedule_start(n)


def set_limits(*, bint finds_races=True, bint calls_are_points=True,
               most_steps=5_000_000, most_steps_in_a_row=20_000):
    """Set what counts as a point, and when a run is a livelock."""
    schedule.rr_schedule_settings.finds_races = finds_races
    schedule.rr_schedule_settings.calls_are_points = calls_are_points
    schedule.rr_schedule_settings.most_steps = most_steps
    schedule.rr_schedule_settings.most_steps_in_a_row = most_steps_in_a_row


def begin_round():
    """Keep what is freed from now on, until `end_round`."""
    schedule.rr_schedule_begin_round()


def end_round():
    """Release what was kept."""
    schedule.rr_schedule_end_round()


cdef object _taken(PyObject *value):
    """Return an object whose reference this function takes over; None for NULL."""
    if value is NULL:
        return None
    result = <object>value
    Py_XDECREF(value)
    return result


def run(callables, int strategy=schedule.RR_FOLLOW, decisions=(), *, seed=0,
        double probability=0.1, changes=0, horizon=1, bint logged=False):
    """Run one callable a runner under one schedule; return a `Run`."""
    cdef schedule.rr_run how
    cdef schedule.rr_result out
    cdef schedule.rr_decision made[schedule.RR_MOST_DECISIONS]
    cdef PyObject *called[schedule.RR_MOST_RUNNERS]
    cdef PyObject *results[schedule.RR_MOST_RUNNERS]
    cdef PyObject *exceptions[schedule.RR_MOST_RUNNERS]
    cdef int i, n = len(callables)
    if n > schedule.RR_MOST_RUNNERS or len(decisions) > schedule.RR_MOST_DECISIONS:
        raise ValueError("too many callables or decisions")
    for i, one in enumerate(callables):
        called[i] = <PyObject *>one
    for i, (at, runner) in enumerate(decisions):
        made[i].at = at
        made[i].runner = runner
    memset(&how, 0, sizeof(how))
    how.strategy = <schedule.rr_strategy>strategy
    how.seed = seed
    how.preempt_probability = probability
    how.n_changes = changes
    how.horizon = horizon
    how.is_logged = logged
    how.decisions = made
    how.n_decisions = len(decisions)
    schedule.rr_schedule_run(&how, called, n, results, exceptions, &out)
    return Run(
        results=[_taken(results[i]) for i in range(n)],
        exceptions=[_taken(exceptions[i]) for i in range(n)],
        steps=out.steps,
        switches=out.switches,
        hash=out.hash,
        blocks_inferred=out.blocks_inferred,
        n_choices=out.n_choices,
        preemptions=out.n_preemptions,
        has_diverged=out.has_diverged,
        points=[out.points[i] for i in range(n)],
        calls=[out.calls[i] for i in range(n)],
        order=out.order,
    )


def drain(callables):
    """Run one callable a runner, one after the other, without points."""
    cdef PyObject *called[schedule.RR_MOST_RUNNERS]
    cdef int i, n = len(callables)
    if n > schedule.RR_MOST_RUNNERS:
        raise ValueError("too many callables")
    for i, one in enumerate(callables):
        called[i] = <PyObject *>one
    schedule.rr_schedule_drain(called, n)


def give_way():
    """Be a point, on a thread of a run: in Python code that the extension calls."""
    schedule.rr_schedule_give_way()


def hand_over(int runner):
    """Be such a point, after which this runner goes on if it can."""
    schedule.rr_schedule_hand_over(runner)


def has_waiters():
    """Return whether a runner waits for what only another one can give, not the GIL.

    False while another runner than the caller executes.
    """
    return schedule.rr_schedule_has_waiters()


def alternatives(uint32_t first):
    """Return (choice, runner, is a preemption) for what the last run did not choose.

    From choice number `first` on.
    """
    cdef uint32_t i, n
    cdef int t
    cdef const schedule.rr_choice *choices = schedule.rr_schedule_choices(&n)
    cdef const schedule.rr_choice *c
    found = []
    for i in range(first, n):
        c = &choices[i]
        for t in range(schedule.RR_MOST_RUNNERS):
            if c.able >> t & 1 and t != c.chosen:
                found.append((i, t, bool(c.current_could_go_on and t != c.current)))
    return found


def choices():
    """Return the choices of the last run.

    Each is (number, could the current runner go on, current, mask of those that could,
    chosen, what had happened up to the order of independent steps or 0 if that is not
    known, instruction, may its order with other steps matter).
    """
    cdef uint32_t i, n
    cdef const schedule.rr_choice *chosen = schedule.rr_schedule_choices(&n)
    return [
        (
            i, bool(chosen[i].current_could_go_on), chosen[i].current, chosen[i].able,
            chosen[i].chosen, chosen[i].order, chosen[i].where,
            bool(chosen[i].conflicts),
        )
        for i in range(n)
    ]


def events():
    """Return all that the last run did; None if no model of it can follow that.

    Each is (kind, runner, point, flags, chosen, instruction, address, other address,
    lock that is waited for or 0, size, way), with the numbers of schedule.h.
    """
    cdef uint32_t i, n
    cdef const schedule.rr_event *e = schedule.rr_schedule_events(&n)
    if e is NULL:
        return None
    return [
        (
            e[i].kind, e[i].runner, e[i].point, e[i].flags, e[i].chosen, e[i].where,
            e[i].address, e[i].other, e[i].wants, e[i].size, e[i].way,
        )
        for i in range(n)
    ]


def made():
    """Return the decisions of the last run: where it left the default."""
    cdef uint32_t n
    cdef const schedule.rr_decision *decisions = schedule.rr_schedule_made(&n)
    return [(decisions[i].at, decisions[i].runner) for i in range(n)]


def preempted():
    """Return the steps of the last run at which a thread was preempted."""
    cdef uint32_t i, n
    cdef const schedule.rr_choice *choices = schedule.rr_schedule_choices(&n)
    return [
        choices[i].step
        for i in range(n)
        if choices[i].current_could_go_on and choices[i].chosen != choices[i].current
    ]


cdef list _frames(const schedule.rr_frames *frames):
    return [
        <uintptr_t>frames.pc[i] for i in range(frames.n) if frames.pc[i] is not NULL
    ]


def sightings():
    """Return what the hooks of the last run saw that no correct program does."""
    cdef int n
    cdef const schedule.rr_sighting *seen = schedule.rr_schedule_sightings(&n)
    return [
        Sighting(
            SIGHTINGS[seen[i].kind], seen[i].address, seen[i].runner, seen[i].other,
            bool(seen[i].is_write), bool(seen[i].other_is_write),
            _frames(&seen[i].at), _frames(&seen[i].other_at), seen[i].step,
        )
        for i in range(n)
    ]


def log():
    """Return the points of the last run, if it was logged."""
    cdef uint32_t n
    cdef const schedule.rr_logged *logged = schedule.rr_schedule_log(&n)
    return [
        Logged(
            logged[i].step,
            <uintptr_t>logged[i].pc,
            None if logged[i].name is NULL else logged[i].name.decode(),
            logged[i].address, logged[i].before, logged[i].after, logged[i].size,
            POINTS[logged[i].point], logged[i].runner,
            None if logged[i].gil >= schedule.RR_MOST_RUNNERS else logged[i].gil,
        )
        for i in range(n)
    ]


def image_of(uintptr_t pc):
    """Return (module file, offset) of an address; None if no patched module has it."""
    cdef uintptr_t offset = 0
    cdef const char *path = schedule.rr_schedule_image(<const void *>pc, &offset)
    return None if path is NULL else (fsdecode(path), offset)
