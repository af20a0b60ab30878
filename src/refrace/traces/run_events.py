"""The steps of a run as events: their marks, values, conflicts and times of holding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refrace.display.pictures.space_time import Mark, Span
from refrace.traces.steps import WORLD, TraceStep

__all__ = ["freed_at", "lock_spans", "mark_of", "operation_spans", "overwritten"]

_MARKS: dict[str, Mark] = {
    **dict.fromkeys(("load", "get", "rc", "len", "items", "at", "peek"), "load"),
    **dict.fromkeys(("await", "await_not", "await_equal"), "load"),
    **dict.fromkeys(("store", "setrc", "put", "poke", "at_set", "rc_store"), "store"),
    **dict.fromkeys(("swap", "cas", "casrc", "finc", "fdec", "fadd"), "update"),
    **dict.fromkeys(("incfetch", "decfetch", "rc_fetch", "rc_exchange"), "update"),
    **dict.fromkeys(("rc_cas", "rc_increment", "rc_decrement"), "update"),
    **dict.fromkeys(("lock", "critical", "resume", "rc_lock", "rc_take"), "take"),
    **dict.fromkeys(
        ("unlock", "critical-end", "suspend", "rc_unlock", "rc_leave"), "release"
    ),
    "stop_world": "take",
    "stop_world-end": "release",
    "rc_load": "load",
}


def mark_of(step: TraceStep) -> Mark:
    """Return the mark of a step, by its C code or else by its operation."""
    if step.event in ("free", "drain"):
        return "free" if step.event == "free" else "store"
    name = step.operation
    if step.c_text is not None:
        name = "_".join(step.c_text.partition("(")[0].split("_")[:2])
    return _MARKS.get(name, "step")


def overwritten(steps: Sequence[TraceStep]) -> list[tuple[int, int, int]]:
    """Return each write that another thread overwrote, having read the value before.

    Each is three places: the read, the write that is lost, the write over it.
    """
    found = []
    for last, step in enumerate(steps):
        if step.place is None or mark_of(step) != "store" or step.event == "drain":
            continue
        mine = [
            place
            for place in range(last)
            if (steps[place].thread, steps[place].place) == (step.thread, step.place)
        ]
        if not mine:
            continue
        lost = [
            place
            for place in range(mine[-1] + 1, last)
            if steps[place].place == step.place and _writes(steps[place])
        ]
        found += [(mine[-1], place, last) for place in lost[-1:]]
    return found


def _writes(step: TraceStep) -> bool:
    return step.before != step.after or mark_of(step) == "store"


def freed_at(steps: Sequence[TraceStep]) -> dict[str, int]:
    """Return the place of the first free of each object."""
    freed: dict[str, int] = {}
    for place, step in enumerate(steps):
        for change in step.changes:
            if (change.field, change.after) == ("status", "freed"):
                freed.setdefault(change.object, place)
    return freed


def operation_spans(steps: Sequence[TraceStep], lanes: Sequence[str]) -> Iterator[Span]:
    """Yield the time of each operation that takes several accesses."""
    begun: dict[str, list[int]] = {}
    for place, step in enumerate(steps):
        if step.event != "access":
            continue
        if step.begins:
            begun[step.thread] = []
        begun.setdefault(step.thread, []).append(place)
        if step.completes:
            places = begun.pop(step.thread)
            if len(places) > 1:
                yield _span(steps, places, lanes)
    for places in begun.values():
        if len(places) > 1:  # the run ends inside the operation
            yield _span(steps, places, lanes)


def _span(steps: Sequence[TraceStep], places: list[int], lanes: Sequence[str]) -> Span:
    first, last = places[0], places[-1]
    thread = steps[first].thread
    read = next((p for p in places if mark_of(steps[p]) == "load"), None)
    touched = {steps[place].place for place in places}
    is_crossed = any(
        steps[place].thread != thread
        and steps[place].place in touched
        and steps[place].place is not None
        and _writes(steps[place])
        for place in range(first, last)
    )
    label = "" if read is None else _has_read(steps[read])
    return Span("gap", lanes.index(thread), first, last, label, is_crossed)


def _has_read(step: TraceStep) -> str:
    return f"has read {step.after}" if isinstance(step.after, int) else ""


def _holds(name: str) -> str:
    return f"stops {name}" if name == WORLD else f"holds {name}"


def lock_spans(steps: Sequence[TraceStep], lanes: Sequence[str]) -> Iterator[Span]:
    """Yield the time in which a thread holds each lock."""
    held: dict[str, tuple[int, str]] = {}
    for place, step in enumerate(steps):
        if step.place is None or mark_of(step) not in ("take", "release"):
            continue
        if step.before == step.thread and step.after != step.thread:
            first, name = held.pop(step.place, (0, step.place))
            yield Span("lock", lanes.index(step.thread), first, place, _holds(name))
        elif step.after == step.thread and step.before != step.thread:
            held[step.place] = (place, step.place)
    for first, name in held.values():
        lane = lanes.index(steps[first].thread)
        yield Span("lock", lane, first, None, _holds(name))
