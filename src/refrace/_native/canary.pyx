"""Canaries: objects whose death is watched and whose memory is kept."""

import os
from collections import namedtuple

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.errno cimport errno
from libc.stdint cimport uintptr_t
from libc.string cimport memset

from refrace._cext cimport canary

PROTOCOLS = tuple([
    canary.rr_protocol_names[n].decode() for n in range(canary.RR_N_PROTOCOLS)
])
ACTIONS = tuple([
    canary.rr_action_names[n].decode() for n in range(canary.RR_N_ACTIONS)
])
# Slots, in the order of their numbers; the last three are no slots of the interpreter.
SLOTS = tuple([canary.rr_slot_names[n].decode() for n in range(canary.RR_N_SLOTS)])
LIMITS = {
    "canaries": canary.RR_MOST_CANARIES,
    "trapped": canary.RR_MOST_TRAPPED,
    "outside": canary.RR_MOST_OUTSIDE,
    "hooks": canary.RR_MOST_HOOKS,
}
cdef dict LIMIT_NAMES = {
    canary.RR_LIMIT_CANARIES: "canaries",
    canary.RR_LIMIT_TRAPPED: "trapped",
    canary.RR_LIMIT_OUTSIDE: "outside",
    canary.RR_LIMIT_MEMORY: "memory",
}
cdef tuple STATES = ("free", "live", "dying", "dead")

Reading = namedtuple("Reading", [
    "number", "state", "expected", "references", "drift", "deaths", "touches",
    "dead_touches", "first_dead_slot", "died_in_slot", "died_detached",
    "died_while_held", "traps", "toucher", "killer", "touch_stack", "death_stack",
    "made_by", "born_in",
])
Plan = namedtuple("Plan", [
    "supports", "is_tracked", "is_merged", "is_trapped", "value", "hooks",
])


class Exhausted(Exception):
    """A limit was reached: "canaries", "trapped", "outside" or "memory"."""


# The documentation of the type must live as long as the type.
cdef bytes DOC = b"""Canary(*, supports=frozenset({'eq', 'hash'}), tracked=False, \
hooks=(), owner='main', trap=False, value=None)
--

A Python object whose death is watched and whose memory is kept.

Pass it to the code under test.  Its count, its slot calls and its death are
recorded outside of the object, and nothing that happens after its death can
do harm.  All arguments are keywords; see `refrace.canaries.spec.CanarySpec`.

Attributes
----------
expected : int
    References that refrace itself keeps, see `refrace.canaries.harness.hold`.
count : int
    The reference count as the interpreter stores it.  Up to Python 3.13 it
    includes the reference of the expression that reads it.
state : {'live', 'dying', 'dead'}
    Whether the interpreter has destroyed the object.
touches : int
    Slot calls so far: hash, comparison, call, and so on.  Reading these four
    attributes is no touch.

Raises
------
InvalidArgument, InvalidArgumentType
    For an argument that :class:`CanarySpec` rejects.
LimitReached
    If there are 262,144 canaries, or 16,384 trapped ones, or, on a free-threaded
    build, 65,536 tracked ones.  Dead ones count until
    `refrace.canaries.harness.reset`.
EnvironmentUnfit
    For ``trap=True`` on another machine than x86-64 or aarch64 with Linux.

Notes
-----
Without a protocol, a canary has none of its slots: the interpreter raises
TypeError, as for any object that lacks them.  Slots that return an object
return a new canary.  A canary cannot be subclassed, pickled or copied.
"""
Canary = <object> <PyObject *> canary.rr_canary_base(DOC)


def define(make, describe):
    """Set the constructor, and the function from a number to the text of a canary."""
    canary.rr_canary_set_python(make, describe)


def make(unsigned supports, bint is_tracked, bint is_merged, bint is_trapped, value,
         tuple hooks not None, bint has_page=False):
    """Make a canary; `hooks` are (slot, action, nth) with numbers."""
    cdef canary.rr_canary_plan plan
    cdef canary.rr_limit why
    memset(&plan, 0, sizeof(plan))
    plan.supports = supports
    plan.is_tracked = is_tracked
    plan.is_merged = is_merged
    plan.is_trapped = is_trapped
    plan.has_page = has_page
    plan.has_value = value is not None
    plan.value = 0 if value is None else value
    if supports >> canary.RR_N_PROTOCOLS or len(hooks) > canary.RR_MOST_HOOKS:
        raise ValueError("no such canary")
    for slot, action, nth in hooks:
        plan.hooks[plan.n_hooks].slot = slot
        plan.hooks[plan.n_hooks].action = action
        plan.hooks[plan.n_hooks].nth = nth
        if not (0 < plan.hooks[plan.n_hooks].slot < canary.RR_N_SLOTS
                and 0 <= plan.hooks[plan.n_hooks].action < canary.RR_N_ACTIONS):
            raise ValueError("no such hook")
        plan.n_hooks += 1
    cdef PyObject *made = canary.rr_canary_make(&plan, &why)
    if made == NULL:
        raise Exhausted(LIMIT_NAMES[why])
    result = <object> made
    Py_DECREF(result)  # `result` has a reference of its own
    return result


def is_known(canary.int64_t number):
    """Return whether a canary has the number."""
    return canary.rr_canary_numbered(number) != NULL


cdef canary.rr_canary *numbered(number) except NULL:
    cdef canary.rr_canary *found = canary.rr_canary_numbered(number)
    if found == NULL:
        raise LookupError(number)
    return found


def number(obj):
    """Return the number of a canary, or None; the object is not touched."""
    return number_at(<uintptr_t> <PyObject *> obj)


def number_at(uintptr_t address):
    """Return the number of the canary at an address, or None."""
    found = canary.rr_canary_find(<void *> address)
    return None if found < 0 else found


def address(number):
    """Return the address of a canary."""
    return canary.rr_canary_address(numbered(number))


def numbers():
    """Return the numbers of all canaries since the last reset."""
    cdef canary.rr_canary *one
    found = []
    for n in range(canary.rr_canaries_top()):
        one = canary.rr_canary_numbered(n)
        if one != NULL and canary.rr_canary_is_recent(one):
            found.append(n)
    return found


cdef text(const char *characters, otherwise):
    if characters == NULL:
        return otherwise
    return characters.decode("utf-8", "replace")


def read(number):
    """Return the record of a canary."""
    cdef canary.rr_canary_reading r
    canary.rr_canary_read(numbered(number), &r)
    return Reading(
        number,
        STATES[r.state],
        r.expected,
        r.count,
        r.drift,
        r.deaths,
        r.touches,
        r.dead_touches,
        text(r.first_dead_slot, None),
        r.died_in_slot,
        r.died_detached,
        r.died_while_held,
        tuple([r.traps[n] for n in range(r.n_traps)]),
        r.toucher or None,
        r.killer or None,
        text(r.touch_stack, ""),
        text(r.death_stack, ""),
        None if r.made_by < 0 else r.made_by,
        text(r.born_in, None),
    )


def state_of(number):
    """Return the state in the record of a canary, without Python code as in `read`."""
    cdef canary.rr_canary_reading r
    canary.rr_canary_read(numbered(number), &r)
    return STATES[r.state]


def plan_of(number):
    """Return what a canary was made as, with the numbers that `make` takes."""
    cdef canary.rr_canary_reading r
    canary.rr_canary_read(numbered(number), &r)
    hooks = [
        (r.plan.hooks[n].slot, r.plan.hooks[n].action, r.plan.hooks[n].nth)
        for n in range(r.plan.n_hooks)
    ]
    return Plan(
        r.plan.supports,
        r.plan.is_tracked,
        r.plan.is_merged,
        r.plan.is_trapped,
        r.plan.value if r.plan.has_value else None,
        tuple(hooks),
    )


def hold(number):
    """Keep a reference to a canary; return whether it lives."""
    return canary.rr_canary_hold(numbered(number))


def release(number):
    """Drop a reference of `hold`; return whether there was one."""
    return canary.rr_canary_release(numbered(number))


def unown(list items not None):
    """Let no thread own the data in a list, so that it dies with its last reference."""
    canary.rr_unown_items(items)


def set_hook_handler(handler):
    """Set what hooks call with number, slot and action, or None."""
    canary.rr_hooks_set_handler(NULL if handler is None else <PyObject *> handler)


def arm(bint is_on):
    """Let hooks act, or not."""
    canary.rr_hooks_arm(is_on)


def reset():
    """End the time of all canaries; return the number of a held one, or None."""
    held = canary.rr_canaries_reset()
    return None if held < 0 else held


def guard(numbers, canary.int64_t longest_ns):
    """Let the next thread that touches one of them pause, if the canary has a page."""
    cdef canary.int64_t number
    for number in numbers:
        canary.rr_canary_guard(numbered(number), longest_ns)


def unguard(numbers):
    """Let nobody pause there any more."""
    cdef canary.int64_t number
    for number in numbers:
        canary.rr_canary_unguard(numbered(number))


def add_steps(str path not None):
    """Add a loaded module file to those that threads step; return whether it works."""
    return canary.rr_steps_add(os.fsencode(path))


def begin_steps(canary.uint64_t seed, canary.uint32_t one_in,
                canary.int64_t longest_ns, canary.int64_t most):
    """Let threads step these modules by instructions; return whether they do."""
    cdef canary.rr_step_plan plan
    plan.seed = seed
    plan.one_in = max(one_in, 1)
    plan.longest_ns = max(longest_ns, 0)
    plan.most = most
    return canary.rr_steps_begin(&plan)


def end_steps():
    """Let threads run them as usual."""
    canary.rr_steps_end()


def trap_is_supported():
    """Return whether instructions can be named on this machine."""
    return canary.rr_trap_is_supported()


def trap_install():
    """Make the signal handler of traps the first one."""
    if not canary.rr_trap_install():
        raise OSError(errno, "SIGSEGV")
