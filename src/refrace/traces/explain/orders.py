"""Explain findings of C11: why nothing orders two accesses.

The shortest path from the earlier access to the later one goes along program order and
from writes to the steps that read them.  The first read on it that does not synchronise
with its write is the reason.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from refrace.findings import FindingKind
from refrace.traces.explain.history import History, is_read
from refrace.traces.state import Found
from refrace.traces.steps import TraceStep
from refrace.traces.synchronisation import acquires, has_fence_first, releases

__all__ = ["data_race", "unsynchronised_free"]

_OF_PAYLOAD = ("use", "peek", "put", "poke", "init", "new")


def unsynchronised_free(history: History, found: Found) -> str:
    """A free is not ordered after an access of another thread."""
    freed = _place(history.last, f"the free of {found.object}")
    return _unordered(history, found, freed)


def data_race(history: History, found: Found) -> str:
    """Two accesses, one of them plain, are not ordered."""
    last = history.last
    what = found.object or (last.place if last is not None else None) or "a cell"
    if found.rival is None:
        who = "a thread" if last is None else last.thread
        return (
            f"{who} accesses {what} in {_step(last)}, and nothing orders its "
            "initialisation before that: the thread that published it did not release "
            "it, or this thread did not acquire it"
        )
    act = "a step" if last is None else _act(last)
    return _unordered(history, found, _place(last, act))


def _step(step: TraceStep | None) -> str:
    return "a step" if step is None else f"step {step.number}"


def _place(step: TraceStep | None, what: str) -> str:
    return what if step is None else f"{what} in {_step(step)}"


def _text(step: TraceStep) -> str:
    return step.statement or step.operation


def _act(step: TraceStep) -> str:
    if step.event == "free":
        return f"{step.thread}'s free of {step.object}"
    return f"{step.thread}'s `{_text(step)}`"


def _unordered(history: History, found: Found, later: str) -> str:
    earlier = _earlier(history, found)
    if earlier is None:
        return f"{found.rival}'s accesses are not ordered before {later}"
    what = f"{_act(earlier)} in {_step(earlier)}"
    why = _reason(history, earlier)
    if why is None:
        return f"nothing orders {what} before {later}"
    return f"{why}, so {what} is not ordered before {later}"


def _earlier(history: History, found: Found) -> TraceStep | None:
    """Return the last access of the other thread that conflicts with the last step."""
    others = [step for step in history.steps[:-1] if step.thread == found.rival]
    others.reverse()
    if found.kind is not FindingKind.UNSYNCHRONISED_FREE:
        return next((step for step in others if _races(history, step)), None)
    touching = (step for step in others if _touches(history, found, step))
    # What is not tracked itself is visited too, if a field leads there.
    visiting = filter(history.looks_for_garbage, others)
    return next(touching, None) or next(visiting, None)


def _touches(history: History, found: Found, step: TraceStep) -> bool:
    """Whether a step accesses the memory of the object that is freed."""
    return (
        step.object == found.object
        # The free of an object changes the counts of those that it owned.
        or any(
            (one.object, one.field) == (found.object, "count") for one in step.changes
        )
        or (history.is_collected(found.object) and history.looks_for_garbage(step))
    )


def _races(history: History, step: TraceStep) -> bool:
    """Whether a step is an access that conflicts with the last one."""
    last = history.last
    if last is None:
        return False
    if history.looks_for_garbage(step):
        return not is_read(last) and history.is_visited(last.object, last.place)
    return _conflict(step, last)


def _conflict(one: TraceStep, other: TraceStep) -> bool:
    """Whether both are accesses of one place, one of them writes, and one is plain."""
    return (
        _accessed(one) == _accessed(other)
        and not (is_read(one) and is_read(other))
        and (_is_plain(one) or _is_plain(other))
    )


def _accessed(step: TraceStep) -> str | None:
    """Return the accessed place: an object alone if that is its payload."""
    return step.object if step.operation in _OF_PAYLOAD else step.place


def _is_plain(step: TraceStep) -> bool:
    if step.operation in _OF_PAYLOAD:
        return True
    return step.memory is not None and step.memory.order == "plain"


class _Hop(NamedTuple):
    """A read of what another thread wrote."""

    write: TraceStep
    read: TraceStep


def _reason(history: History, earlier: TraceStep) -> str | None:
    """Return which read does not synchronise; None if there is no path."""
    for hop in _hops(history, earlier):
        saw = (
            f"{hop.read.thread} read in {_step(hop.read)} what "
            f"{_act(hop.write)} wrote in {_step(hop.write)}"
        )
        if _is_plain(hop.write):
            return f"{saw}, but that write is plain and releases nothing"
        if _is_plain(hop.read):
            return f"{saw}, but that read is plain and acquires nothing"
        if not _releases(history, earlier, hop.write):
            return f"{saw}, but that write does not release"
        if not _acquires(history, hop.read):
            return f"{saw}, but that read does not acquire"
    return None


def _releases(history: History, earlier: TraceStep, write: TraceStep) -> bool:
    memory = write.memory
    if memory is not None and (releases(memory.order) or has_fence_first(write)):
        return True
    return any(
        step.memory is not None and releases(step.memory.fence)
        for step in history.steps[earlier.number : write.number - 1]
        if step.thread == write.thread
    )


def _acquires(history: History, read: TraceStep) -> bool:
    memory = read.memory
    if memory is not None and acquires(memory.order):
        return True
    return any(
        step.memory is not None and acquires(step.memory.fence)
        for step in history.steps[read.number - 1 : -1]
        if step.thread == read.thread
    )


def _hops(history: History, earlier: TraceStep) -> list[_Hop]:
    """Return the reads on the shortest path from a step to the last one.

    A read-modify-write between two threads hands on what it read: a release sequence.
    """
    steps, last = history.steps, history.steps[-1]
    before: dict[int, tuple[int, bool]] = {earlier.number: (0, False)}
    waiting = deque([earlier])
    while waiting and last.number not in before:
        step = waiting.popleft()
        for other in steps[step.number :]:
            reads = other.memory is not None and other.memory.source == step.number
            if other.number in before or not (reads or other.thread == step.thread):
                continue
            before[other.number] = step.number, other.thread != step.thread
            waiting.append(other)
    hops: list[_Hop] = []
    at = last.number
    while at in before and before[at][0]:
        previous, is_read = before[at]
        if is_read and hops and hops[-1].write.number == at:
            hops[-1] = _Hop(steps[previous - 1], hops[-1].read)
        elif is_read:
            hops.append(_Hop(steps[previous - 1], steps[at - 1]))
        at = previous
    return hops[::-1]
