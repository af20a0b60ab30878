"""Queries about the past of a trace: frees, borrowed references, lost updates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from refrace.programs.syntax import (
    CellDeclaration,
    ContainerDeclaration,
    HoldDeclaration,
    ObjectDeclaration,
    Statement,
)
from refrace.programs.text.printer import printed_statements
from refrace.traces.state import State
from refrace.traces.steps import TraceStep, Value, Wait
from refrace.traces.trace import Trace

__all__ = ["Clause", "History", "LostUpdate", "is_read", "listed", "shown"]

Clause: TypeAlias = tuple[int, str]
"""The number of a step, and the part of a sentence about that step."""

# Operations that copy a pointer without counting it.
_BORROWING = ("load", "get", "items", "at")
# Operations that take a reference for the thread.
_COUNTING = (
    *("incref", "try_incref", "upgrade", "new", "raw_new", "renew", "resurrect"),
)
_WAITING = ("await", "await_not", "await_equal", "spin", "spin_not")
_READING = (
    *("load", "peek", "rc", "get", "len", "unique", "use", "items", "at"),
    *_WAITING,
)
_WRITING = ("store", "poke", "setrc")


@dataclass(frozen=True, slots=True)
class LostUpdate:
    """Updates that a thread overwrote, because it had read the value before them.

    Attributes
    ----------
    read, write : TraceStep
        The stale read, and the write computed from it.
    lost : tuple of TraceStep
        The writes of other threads in between, whose effect is lost; at least one.
    lost_read : TraceStep or None
        The read that the last lost write was computed from; None if it was one step.
    """

    read: TraceStep
    write: TraceStep
    lost: tuple[TraceStep, ...]
    lost_read: TraceStep | None

    @property
    def last(self) -> TraceStep:
        """The last write that was lost."""
        return self.lost[-1]

    @property
    def delta(self) -> int:
        """The change made by the lost writes; 0 if the value is not a number."""
        before, after = self.read.after, self.last.after
        if len(self.lost) == 1 and self.lost_read is not None:
            before = self.lost_read.after
        if isinstance(before, int) and isinstance(after, int):
            return after - before
        return 0

    @property
    def noun(self) -> str:
        """The noun for one lost write."""
        deltas = [_delta(step) for step in self.lost]
        if not _is_count(self.write) or not self.delta:
            return "update"
        if len(self.lost) > 1 and len({delta > 0 for delta in deltas if delta}) > 1:
            return "update"
        return "decrement" if self.delta < 0 else "increment"

    def __str__(self) -> str:
        seen = shown(self.read.after)
        if not _is_count(self.read):
            seen += f" from {self.read.place}"
        return self._several(seen) if len(self.lost) > 1 else self._one(seen)

    def _several(self, seen: str) -> str:
        others = listed(dict.fromkeys(step.thread for step in self.lost))
        return (
            f"{self.read.thread} read {seen} in step {self.read.number} and wrote "
            f"{shown(self.write.after)} in step {self.write.number} over what {others} "
            f"wrote in between: {len(self.lost)} {self.noun}s are lost"
        )

    def _one(self, seen: str) -> str:
        one, two = self.read.thread, self.last.thread
        both = self.lost_read is not None and self.lost_read.after == self.read.after
        if both and self.write.after == self.last.after:
            return (
                f"{one} and {two} both read {seen} before either wrote "
                f"{shown(self.write.after)} back: one {self.noun} is lost"
            )
        first = (
            f"{one} and {two} both read {seen}"
            if both
            else f"{one} read {seen} in step {self.read.number}"
        )
        return (
            f"{first}, {two} wrote {shown(self.last.after)}, and {one} then wrote "
            f"{shown(self.write.after)} over it: {two}'s {self.noun} is lost"
        )


def _delta(step: TraceStep) -> int:
    before, after = step.before, step.after
    if isinstance(before, int) and isinstance(after, int):
        return after - before
    return 0


class History:
    """Queries about the steps of a run and its last state.

    Parameters
    ----------
    trace : Trace
        The run; its findings are ignored.
    state : State
        The state after its last step.
    going_on : tuple of str
        The threads that could take a further step.
    stopping : Wait, optional
        The wait of a thread that has asked for a stop of the world.
    """

    def __init__(
        self,
        trace: Trace,
        state: State,
        going_on: tuple[str, ...] = (),
        stopping: Wait | None = None,
    ) -> None:
        self.trace = trace
        self.steps = trace.steps
        self.going_on = going_on
        self.stopping = stopping
        self._state = state
        self.statements = printed_statements(trace.program.parts)
        self._by_line = {one.line: one.statement for one in self.statements}

    def statement(self, step: TraceStep) -> Statement | None:
        """Return the statement of a step; None for `free` and `drain`."""
        if step.program_line is None:
            return None
        return self._by_line[step.program_line]

    def owners(self, object_: str | None) -> list[str]:
        """Return the owning cells, items and fields that point to an object."""
        state, found = self._state, []
        for node in self.trace.program.declarations:
            if isinstance(node, CellDeclaration) and node.kind == "slot":
                if state.cells[node.name] == object_:
                    found.append(node.name)
            elif isinstance(node, ContainerDeclaration) and node.kind == "vec":
                found += [
                    node.name for v in state.containers[node.name] if v == object_
                ]
        return found + [
            f"{name}.{field}"
            for name, known in state.objects.items()
            if known.status != "freed"
            for field in self._owning_fields(name)
            if known.fields.get(field) == object_
        ]

    def _owning_fields(self, object_: str) -> list[str]:
        """Return the owning fields of an object, or of the template that made it."""
        return [
            part.name
            for node in self._declarations(object_)
            for part in node.fields
            if part.kind == "field"
        ]

    def _declarations(self, object_: str) -> list[ObjectDeclaration]:
        return [
            node
            for node in self.trace.program.declarations
            if isinstance(node, ObjectDeclaration)
            and node.name in (object_, object_.rstrip("0123456789"))
        ]

    def is_collected(self, object_: str | None) -> bool:
        """Return whether an object takes part in collections."""
        return object_ is not None and any(
            node.gc for node in self._declarations(object_)
        )

    def is_visited(self, object_: str | None, place: str | None) -> bool:
        """Return whether the collector reads a place, a field of an object."""
        return object_ is not None and any(
            node.gc and place == f"{object_}.{part.name}" and node.visits_of(part) > 0
            for node in self._declarations(object_)
            for part in node.fields
        )

    def looks_for_garbage(self, step: TraceStep) -> bool:
        """Return whether a step has stopped the world and looks for garbage."""
        return (
            step.operation in ("collect", "look-again")
            and step.completes
            # A `collect` that finds another one under way does nothing.
            and (step.place is not None or self.trace.gil == "held")
        )

    @property
    def last(self) -> TraceStep | None:
        """The last step of the run."""
        return self.steps[-1] if self.steps else None

    def status_step(self, object_: str | None, status: str) -> TraceStep | None:
        """Return the last step that gave an object this status: dying or freed."""
        wanted = (object_, "status", status)
        for step in reversed(self.steps):
            for change in step.changes:
                if (change.object, change.field, change.after) == wanted:
                    return step
        return None

    def collected(self, object_: str | None) -> tuple[TraceStep, str] | None:
        """Return the `collect` that ended an object, and what it took for garbage."""
        name, dying = object_, self.status_step(object_, "dying")
        while dying is not None and dying.event == "free" and dying.object != name:
            name = dying.object  # whose memory was freed, with the field that owned it
            dying = self.status_step(name, "dying")
        if dying is None or dying.operation != "tp-clear" or dying.object is None:
            return None
        found = [
            step
            for step in self.steps[: dying.number]
            if (step.thread, step.operation) == (dying.thread, "collect")
        ]
        # One that found another under way did not stop the world.
        found = [step for step in found if step.place is not None] or found
        return (found[-1], dying.object) if found else None

    def cleared_step(self, object_: str) -> TraceStep | None:
        """Return the step in which the collector last emptied an object's fields."""
        for step in reversed(self.steps):
            if step.operation == "tp-clear" and step.object == object_:
                return step
        return None

    def detached_step(self, thread: str) -> TraceStep | None:
        """Return the step in which a thread was last detached."""
        for step in reversed(self.steps):
            if step.thread == thread and step.operation == "detach":
                return step
        return None

    def source(self, thread: str, object_: str) -> TraceStep | None:
        """Return the step in which a thread last got a pointer to an object."""
        for step in reversed(self.steps[:-1]):
            if step.thread == thread and step.has_result and step.result == object_:
                return step
        return None

    def borrowed(self, thread: str, object_: str | None) -> Clause | None:
        """Return how and when a thread got an object without counting it."""
        if object_ is None:
            return None
        source = self.source(thread, object_)
        if source is None:
            starts = any(
                isinstance(node, HoldDeclaration)
                and (node.kind, node.thread, node.object) == ("borrow", thread, object_)
                for node in self.trace.program.declarations
            )
            return (0, f"{thread} borrows {object_} from the start") if starts else None
        if source.operation not in _BORROWING or self._counts_later(source, object_):
            return None
        return (
            source.number,
            f"{thread} took {object_} from {source.place} in step {source.number} "
            "without counting it",
        )

    def _counts_later(self, source: TraceStep, object_: str) -> bool:
        return any(
            (step.thread, step.object) == (source.thread, object_)
            and step.completes
            and step.operation in _COUNTING
            and step.result != 0
            for step in self.steps[source.number : -1]
        )

    def lost_updates(self, place: str | None = None) -> Iterator[LostUpdate]:
        """Yield the overwritten updates, the latest first."""
        for write in reversed(self.steps):
            if write.place is None or (place is not None and write.place != place):
                continue
            if not _is_store(write) or _is_count(write) != _is_count_place(place):
                continue
            read = self._read_before(write)
            if read is None:
                continue
            lost = tuple(
                step
                for step in self.steps[read.number : write.number - 1]
                if step.thread != write.thread and _wrote(step, write.place)
            )
            if lost:
                before = self._read_before(lost[-1]) if _is_store(lost[-1]) else None
                yield LostUpdate(read, write, lost, before)

    def lost_count(self, object_: str | None, sign: int) -> LostUpdate | None:
        """Return a lost increment (`sign` 1) or decrement (-1) of an object's count."""
        if object_ is None:
            return None
        for lost in self.lost_updates(f"{object_}.refcount"):
            if lost.delta * sign > 0:
                return lost
        return None

    def miscount(self, object_: str | None) -> LostUpdate | str | None:
        """Return why an object's count is too low: a lost increment or a wrap."""
        lost = self.lost_count(object_, 1)
        if lost is not None:
            return lost
        for step in reversed(self.steps):
            if step.object == object_ and step.operation in _COUNTING and step.count:
                before, after = step.count
                if before is not None and after < before:
                    return (
                        f"the count of {object_} wrapped from {before} to {after} in "
                        f"step {step.number}"
                    )
        return None

    def _read_before(self, write: TraceStep) -> TraceStep | None:
        """Return the thread's previous step at the same place."""
        numbers = self._visits[write.thread, write.place]
        at = bisect_left(numbers, write.number)
        return self.steps[numbers[at - 1] - 1] if at else None

    @cached_property
    def _visits(self) -> dict[tuple[str, str | None], list[int]]:
        """The numbers of the steps of each thread at each place, in order."""
        visits: dict[tuple[str, str | None], list[int]] = {}
        for step in self.steps:
            visits.setdefault((step.thread, step.place), []).append(step.number)
        return visits


def _is_count_place(place: str | None) -> bool:
    return place is not None and place.endswith(".refcount")


def _is_count(step: TraceStep) -> bool:
    return _is_count_place(step.place)


def _is_store(step: TraceStep) -> bool:
    """Whether a step writes without reading; it read the value earlier."""
    if step.c_text is not None:
        return step.c_text.startswith("rc_store")
    return step.operation in _WRITING


def is_read(step: TraceStep) -> bool:
    """Return whether a step only reads."""
    if step.c_text is not None:
        return step.c_text.startswith("rc_load")
    return step.operation in _READING


def _wrote(step: TraceStep, place: str) -> bool:
    if step.place != place or is_read(step):
        return False
    return _is_store(step) or step.before != step.after


def shown(value: Value) -> str:
    """Return a value as a sentence shows it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    return "null" if value is None else str(value)


def listed(names: Iterable[str]) -> str:
    """Return ``"T1"``, ``"T1 and T2"``, ``"T1, T2 and T3"``."""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last
