"""Explain findings about accesses to an object after its end."""

from __future__ import annotations

from refrace.traces.explain.counts import act, after_a_cause
from refrace.traces.explain.history import Clause, History, listed
from refrace.traces.state import Found

__all__ = [
    "dangling_free",
    "dangling_reference",
    "detached_count",
    "double_free",
    "revival",
    "use_after_free",
]


def use_after_free(history: History, found: Found) -> str:
    """A step accesses freed memory."""
    name, last = found.object, history.last
    freed = history.status_step(name, "freed")
    if last is None or freed is None:
        return f"{act(history)} touches {name}, which is freed"
    by = f"{freed.thread} freed {name} in step {freed.number}"
    collected = history.collected(name)
    if collected is not None:
        collect, garbage = collected
        what = "it" if garbage == name else f"{name} with it"
        by = (
            f"{freed.thread}'s `collect` in step {collect.number} took {garbage} for "
            f"garbage and freed {what} in step {freed.number}"
        )
    if last.event == "drain":
        return (
            f"{by} while {last.thread}'s write to it was still in its store buffer, "
            f"and the write lands in freed memory in step {last.number}"
        )
    if last.event == "free" and last.object != name:
        return f"{by}, and {act(history)} drops a field that still points to it"
    touch = f"{act(history)} touches freed memory"
    lost = history.miscount(name)
    if lost is not None:
        return after_a_cause(lost, f"{by}, and {touch}")
    return _in_order(history.borrowed(last.thread, name), (freed.number, by), touch)


def revival(history: History, found: Found) -> str:
    """A step increments an object whose destruction has begun."""
    name, last = found.object, history.last
    dying = history.status_step(name, "dying")
    late = f"{act(history)} raises its count from 0 again"
    if last is None or dying is None:
        return f"{name} is already being destroyed, and {late}"
    begun = f"{dying.thread} began to destroy {name} in step {dying.number}"
    lost = history.miscount(name)
    if lost is not None:
        return after_a_cause(lost, f"{begun}, and {late}")
    return _in_order(history.borrowed(last.thread, name), (dying.number, begun), late)


def _in_order(borrowed: Clause | None, ended: Clause, then: str) -> str:
    """Return how a pointer was obtained and how its object ended, the earlier first."""
    clauses = sorted([ended] if borrowed is None else [borrowed, ended])
    return f"{', '.join(text for _, text in clauses)}, and {then}"


def double_free(history: History, found: Found) -> str:
    """A step destroys or frees an object a second time."""
    name, last = found.object, history.last
    for lost in history.lost_updates(f"{name}.refcount"):
        if lost.last.after == lost.write.after == 0:
            return (
                f"{lost.read.thread} and {lost.last.thread} both read 1 before either "
                f"wrote 0 back: both treat theirs as the last reference, and {name} is "
                "destroyed twice"
            )
    freed = history.status_step(name, "freed")
    first = freed or history.status_step(name, "dying")
    by_hand = last is not None and last.operation == "free"
    again = f"{act(history)} {'frees' if by_hand else 'destroys'} it again"
    if first is None:
        return f"{name} is already destroyed, and {again}"
    ended = "freed" if freed else "began to destroy"
    return after_a_cause(
        history.miscount(name),
        f"{first.thread} {ended} {name} in step {first.number}, and {again}",
    )


def dangling_free(history: History, found: Found) -> str:
    """A step frees an object while counted references to it exist."""
    name = found.object
    freed = history.status_step(name, "freed")
    if freed is None or freed.ledger is None:
        return f"{name} is freed while counted references to it exist"
    left = (freed.ledger[0] or 0) if freed.object == name else 0
    exist = "reference exists" if left == 1 else "references exist"
    how = f"{left} counted {exist}" if left > 0 else "counted references exist"
    by_hand = _ended_by_hand(history, name)
    return after_a_cause(
        history.miscount(name) or by_hand,
        f"and {freed.thread} frees {name} in step {freed.number} while {how}"
        if by_hand
        else f"{freed.thread} frees {name} in step {freed.number} while {how}",
    )


def _ended_by_hand(history: History, name: str | None) -> str:
    dying = history.status_step(name, "dying")
    if dying is None or dying.operation != "dealloc":
        return ""
    return f"{dying.thread} destroys {name} explicitly in step {dying.number}"


def dangling_reference(history: History, found: Found) -> str:
    """At the end, an owner points to freed memory."""
    name = found.object
    places = history.owners(name)
    freed = history.status_step(name, "freed")
    by = f", freed by {freed.thread} in step {freed.number}" if freed else ""
    which = listed(places) if places else "an owner"
    verb = "points" if len(places) < 2 else "point"
    return after_a_cause(history.miscount(name), f"{which} still {verb} to {name}{by}")


def detached_count(history: History, found: Found) -> str:
    """A detached thread counts or destroys an object, which its mode does not allow."""
    last = history.last
    what = found.object or "an object"
    if last is None:
        return f"{found.thread} counts {what} while it is detached"
    detached = history.detached_step(last.thread)
    since = f" since step {detached.number}" if detached else ""
    return (
        f"{act(history)} counts or destroys {what}, but {last.thread} is "
        f"detached{since}: in this mode only an attached thread may do that"
    )
