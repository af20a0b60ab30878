"""Explain findings about an object's count: too high, too low, below zero."""

from __future__ import annotations

from typing import Any

from refrace.traces.explain.history import History
from refrace.traces.state import Found
from refrace.traces.step_cells import COLLECTOR_STEPS, doing

__all__ = ["act", "after_a_cause", "count_too_low", "leak", "owners", "underflow"]


def owners(history: History, found: Found) -> str:
    """Return ``"no owner"``, ``"1 owner (S)"``, ``"2 owners (S, B.f)"``."""
    n = found.owners or 0
    if n == 0:
        return "no owner"
    named = history.owners(found.object)
    which = f" ({', '.join(named)})" if len(named) == n else ""
    return f"1 owner{which}" if n == 1 else f"{n} owners{which}"


def act(history: History) -> str:
    """Return the action of the last step: ``"T1's `decref x` in step 4"``."""
    step = history.last
    if step is None:
        return "the initial state of the program"
    if step.event == "free":
        what = f"freeing of {step.object}"
    elif step.event == "drain":
        what = f"buffered write to {step.object}"
    elif step.operation in COLLECTOR_STEPS:
        what = f"`{doing(step)}`"
    else:
        what = f"`{step.statement or step.operation}`"
    return f"{step.thread}'s {what} in step {step.number}"


def after_a_cause(cause: object, consequence: str) -> str:
    """Return the consequence, preceded by its cause if there is one."""
    return f"{cause}, {consequence}" if cause else consequence


def leak(history: History, found: Found) -> str:
    """At the end, a count above the number of owners, or an object with neither."""
    name, count, n_owners = found.object, found.count or 0, found.owners or 0
    if count < 0:
        return (
            f"{name} leaks: its count exceeded what its word can hold, so the count "
            f"stays at {count} and nothing will free it"
        )
    lost = history.lost_count(name, -1)
    if lost is not None:
        return after_a_cause(lost, f"{name} leaks")
    if not count:
        return (
            f"{name} is still alive at the end, with no count and no owner: nothing "
            "will free it"
        )
    more = count - n_owners
    rest = "that count" if more == 1 else f"{more} of them"
    return (
        f"{name} leaks: it ends with count {count} and {owners(history, found)}, and "
        f"no thread remains to drop {rest}"
    )


def count_too_low(history: History, found: Found) -> str:
    """At the end, a count below the number of owners."""
    name, count = found.object, found.count
    return after_a_cause(
        history.miscount(name),
        f"{name} ends with count {count} and {owners(history, found)}: it will be "
        "freed while it is still owned",
    )


def underflow(history: History, found: Found) -> str:
    """A decrement of a count that is zero."""
    name = found.object
    lost = history.miscount(name)
    if lost is not None:
        return after_a_cause(lost, f"{act(history)} finds no count left on {name}")
    zero = _zeroed(history, name)
    since = f" (since step {zero.number}, by {zero.thread})" if zero else ""
    return f"{act(history)} finds that the count of {name} is already 0{since}"


def _zeroed(history: History, name: str | None) -> Any:
    for step in reversed(history.steps[:-1]):
        for change in step.changes:
            if (change.object, change.field, change.after) == (name, "count", 0):
                return step
    return None
