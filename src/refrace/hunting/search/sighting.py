"""What a batch saw: a finding before it is shrunk, named and judged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from refrace._base.codec import decode
from refrace.hunting.describing.location import Place
from refrace.hunting.limits import default_rounds
from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.processes.stacks import shortened
from refrace.hunting.schedules.native_token import NativeRun
from refrace.hunting.schedules.native_trace import NativeStep
from refrace.hunting.schedules.trace_at_end import trace_at_end

__all__ = ["Sighting", "is_long_work", "sighting_of_end", "sightings_of_run"]

# A whole number of ten digits or more in the text of a program.
_LARGE = re.compile(r"(?<![\w.'\"-])-?\d{10,}(?!\w)")


@dataclass(frozen=True)
class Sighting:
    """One kind of finding in one program.

    Attributes
    ----------
    kind : str
        One of `refrace.hunting.kinds.KINDS`.
    message : str
        What was seen.
    operations : tuple of str
        The operations concerned, sorted.
    threads : int
        Number of threads of the program.
    program : str
        The program in its stored form, as JSON.
    source : str
        The program as text.
    places : tuple of Place
        Instructions of wrong accesses, if the program ran with traps.
    python_stacks : tuple of str
        Stacks of Python code at the finding.
    allocator : str
        The value of PYTHONMALLOC that it was seen with; empty if it was not set.
    programs : int
        How many programs of the same hunt showed the same.
    also : tuple of str
        Other kinds that the same operations showed, probably of the same bug.
    native_trace : tuple of NativeStep
        What each thread did, in C lines, under a chosen schedule.
    native_run : NativeRun or None
        The chosen schedule.
    """

    kind: str
    message: str
    operations: tuple[str, ...]
    threads: int
    program: str
    source: str
    places: tuple[Place, ...] = ()
    python_stacks: tuple[str, ...] = ()
    allocator: str = ""
    programs: int = 1
    also: tuple[str, ...] = ()
    native_trace: tuple[NativeStep, ...] = ()
    native_run: NativeRun | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What makes two sightings the same finding."""
        return self.kind, self.operations

    def stored_program(self) -> dict[str, Any]:
        """Return the program as :class:`ChildTask` takes it."""
        stored: dict[str, Any] = json.loads(self.program)
        return stored

    @property
    def default_rounds(self) -> int:
        """Rounds of the program if nobody asked for a number."""
        return default_rounds(self.threads, self.stored_program().get("times", 1))

    def merged(self, other: Sighting) -> Sighting:
        """Return the one with the shorter program, for the programs of both."""
        shorter = min(self, other, key=lambda one: (one.threads, len(one.source)))
        return replace(
            shorter,
            programs=self.programs + other.programs,
            also=tuple(dict.fromkeys((*self.also, *other.also))),
        )


def sightings_of_run(message: dict[str, Any]) -> list[Sighting]:
    """Return what the message ``"run"`` of a child reports."""
    program = message["program"]
    return [
        Sighting(
            kind=one["kind"],
            message=one["message"],
            operations=tuple(sorted(set(one["operations"]))),
            threads=program["threads"],
            program=json.dumps(program["program"]),
            source=program["source"],
            places=decode(tuple[Place, ...], one["places"], "places"),
            python_stacks=tuple(
                text for stack in one["python_stacks"] if (text := shortened(stack))
            ),
            native_trace=decode(
                tuple[NativeStep, ...], one["native_trace"], "native_trace"
            ),
            native_run=decode(NativeRun | None, one.get("native_run"), "native_run"),  # type: ignore[arg-type]
        )
        for one in message["observations"]
    ]


def sighting_of_end(end: ChildEnd) -> Sighting | None:
    """Return the finding that the end of a child is, if it is one."""
    if end.how not in ("crash", "hang", "deadlock") or end.running is None:
        return None
    if is_long_work(end):
        return None
    return Sighting(
        kind=end.how,
        message=end.message,
        operations=tuple(end.running["operations"]),
        threads=end.running["threads"],
        program=json.dumps(end.running["program"]),
        source=end.running["source"],
        python_stacks=end.stacks,
        native_trace=_trace_at_end(end),
        native_run=_run_at_end(end),
    )


def is_long_work(end: ChildEnd) -> bool:
    """Return whether what seems to be a hang may be work that a large number asks for.

    To repeat something 2**64 times, or to raise to that power, takes as long in correct
    code.  The text of the program shows the numbers among the arguments.
    """
    if end.how != "hang" or end.running is None:
        return False
    return _LARGE.search(end.running["source"]) is not None


def _run_at_end(end: ChildEnd) -> NativeRun | None:
    """Return the schedule that a child with chosen schedules ended in."""
    builds = (end.running or {}).get("builds")
    if not builds or not end.recorded:
        return None
    from refrace._native.schedule import flight_of

    decisions = flight_of(end.recorded)
    if decisions is None:
        return None
    return NativeRun(tuple(decisions), "", tuple((name, one) for name, one in builds))


def _trace_at_end(end: ChildEnd) -> tuple[NativeStep, ...]:
    """Return the last steps of such a child."""
    if end.running is None or not end.running.get("builds") or not end.recorded:
        return ()
    try:
        steps = trace_at_end(end.recorded)
    except Exception:
        # The process may have written anything there before it ended.
        return ()
    return tuple(step for step in steps if step.thread <= end.running["threads"])
