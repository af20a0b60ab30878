"""The trace of one run of native code: which thread did what, in C lines."""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from refrace.display.blocks import Table
from refrace.hunting.schedules.address_names import Access, names_of
from refrace.hunting.schedules.c_lines import CLine, c_lines, written

__all__ = [
    "NativeStep",
    "Point",
    "grouped",
    "most_telling",
    "native_table",
    "number_text",
    "steps_of",
    "telling",
]

_ACTIONS = {
    "gil-release": "releases the GIL",
    "gil-take": "takes the GIL",
    "lock": "locks",
    "unlock": "unlocks",
    "call": "calls",
    "free": "frees",
    "waits": "waits for a lock",
}
# Functions, by the begin of their names, that wait for something other than a lock.
_WAITS = (
    (("pthread_cond_", "cnd_", "std::condition_variable"), "waits for a signal"),
    (("sem_",), "waits for a semaphore"),
    (("pthread_once", "call_once", "__cxa_guard_"), "waits until it is done"),
    (("pthread_barrier_",), "waits at a barrier"),
    (("futex",), "waits to be woken"),
    (("pthread_join", "std::thread"), "waits for the end of a thread"),
)
_WIDEST = 34
MOST_POINTS = 4096
"""Points of a trace that keeps all; of a longer run, only what threads share."""


@dataclass(frozen=True, slots=True)
class NativeStep:
    """One point of a run: a memory access, a lock, or a call.

    Attributes
    ----------
    thread : int
        The thread, from 1.
    point : str
        "read", "write", "atomic", "gil-release", "gil-take", "lock", "unlock", "call"
        or "free"; or "waits", at the end of a run that cannot go on.
    call : str or None
        The function that is called; None for an access.
    function, file : str
        Where in the sources; empty if that is not known.
    line : int
        0 if it is not known.
    source : str
        The source line; empty if it is not there.
    place : str
        A name for the address, the same for the same address: the variable or field,
        "self->items", if debug information and pyelftools are there, else "m1"; empty
        if there is none.
    before, after : int or None
        The value there, at most its first 8 bytes, -2**63 to 2**63 - 1; None if no
        memory is accessed, or the process ended before the value could be read.
    gil : int or None
        The thread that holds the GIL; None: none, or there is no GIL.
    preempted : bool
        Whether the thread was preempted just before it.
    """

    thread: int
    point: str
    call: str | None
    function: str
    file: str
    line: int
    source: str
    place: str
    before: int | None
    after: int | None
    gil: int | None
    preempted: bool

    @property
    def text(self) -> str:
        """What it does: the source line, or the call."""
        action = _ACTIONS.get(self.point, self.point)
        if self.point == "waits" and not self.place:
            return "waits for the GIL"  # which has no address
        if self.point == "waits" and self.call is not None:
            known = (text for begins, text in _WAITS if self.call.startswith(begins))
            action = next(known, action)
        if self.call is not None:
            if self.point in ("call", "free"):
                return f"{self.call}()"
            return f"{action} ({self.call})"
        return self.source or action

    @property
    def value(self) -> str:
        """The value at the place, before and after."""
        if self.before is None:
            return ""
        if self.after is None or self.before == self.after:
            return number_text(self.before)
        return f"{number_text(self.before)} -> {number_text(self.after)}"


class Point(NamedTuple):
    """A point of a run, as the runtime logged it.

    Attributes
    ----------
    image : (str, int) or None
        Module file and offset of the instruction.
    place : (str, int) or None
        Module file and offset of the address, for a static variable.
    call : str or None
    address : int
        0 if there is none.
    before, after : int or None
        Values at the address.
    size : int
        Bytes of the access; 0 if there is none.
    point : str
    thread : int
        From 1.
    gil : int or None
        The thread that holds the GIL.
    preempted : bool
    """

    image: tuple[str, int] | None
    place: tuple[str, int] | None
    call: str | None
    address: int
    before: int | None
    after: int | None
    size: int
    point: str
    thread: int
    gil: int | None
    preempted: bool


def telling(points: Sequence[Point]) -> list[Point]:
    """Return the points that a trace keeps: of a long run, what threads can tell apart.

    Those are locks, calls, and accesses of places that several threads access and one
    of them writes; of these too, the last ones.

    Parameters
    ----------
    points : sequence of Point
        All points of a run.
    """
    if len(points) <= MOST_POINTS:
        return list(points)
    users: dict[int, set[int]] = {}
    written: set[int] = set()
    for one in points:
        if one.size:
            users.setdefault(one.address, set()).add(one.thread)
            if one.point != "read":
                written.add(one.address)
    shared = {at for at in written if len(users[at]) > 1}
    kept = [
        one for one in points if not one.size or one.address in shared or one.preempted
    ]
    return kept[-MOST_POINTS:]


def steps_of(points: Sequence[Point]) -> tuple[NativeStep, ...]:
    """Return the steps of a logged run, with source lines and names of addresses.

    Parameters
    ----------
    points : sequence of Point
        What the runtime logged; points without a place in the sources are kept, but
        only the `telling` ones of a long run.
    """
    points = telling(points)
    lines = c_lines(one.image for one in points)
    nowhere = CLine()  # what is freed is not what the line accesses
    accesses = [
        Access(
            one.image,
            nowhere if one.point == "free" else line,
            one.place,
            one.address,
            one.before,
            one.size,
        )
        for one, line in zip(points, lines, strict=True)
    ]
    names = names_of(accesses)
    taken = set(names.values())
    made_up = (f"m{number}" for number in count(len(names) + 1))
    free = (name for name in made_up if name not in taken)
    steps = []
    for one, compiled in zip(points, lines, strict=True):
        function, file, line, source = written(compiled)
        place = ""
        if one.address:
            if one.address not in names:
                names[one.address] = next(free)
            place = names[one.address]
        has_value = one.size > 0
        steps.append(
            NativeStep(
                thread=one.thread,
                point=one.point,
                call=one.call,
                function=function,
                file=file,
                line=line,
                source=source
                or (linecache.getline(file, line).strip() if line else ""),
                place=place,
                before=_signed(one.before) if has_value else None,
                after=_signed(one.after) if has_value else None,
                gil=one.gil,
                preempted=one.preempted,
            )
        )
    return tuple(steps)


def _signed(value: int | None) -> int | None:
    """Return 8 bytes as a number of two's complement: stored results have no others."""
    return value - (1 << 64) if value is not None and value >= 1 << 63 else value


def native_table(steps: Sequence[NativeStep], threads: int) -> Table:
    """Return the space-time table of a run: a lane for each thread, time goes down.

    Consecutive points of a thread on one source line are one row.
    """
    rows: list[list[str]] = []
    last_row: dict[int, int] = {}
    for number, group in enumerate(grouped(steps), start=1):
        first = group[0]
        if first.preempted and first.thread in last_row:
            marker = ["", *_lane(first.thread, threads, "-- preempted --"), "", "", ""]
            rows.insert(last_row[first.thread] + 1, marker)
        where = f"{first.file.rpartition('/')[2]}:{first.line}" if first.line else ""
        shown = most_telling(group)
        lane = _lane(first.thread, threads, first.text)
        rows.append([str(number), *lane, shown.place, shown.value, where])
        last_row[first.thread] = len(rows) - 1
    header = ["", *(f"T{thread}" for thread in range(1, threads + 1))]
    return Table(
        [*header, "place", "value", "C line"],
        rows,
        align=">" + "<" * (threads + 3),
        limits=(0, *(_WIDEST for _ in range(threads)), 0, 20, 0),
        is_code=True,
    )


def _lane(thread: int, threads: int, text: str) -> list[str]:
    return [text if lane == thread else "" for lane in range(1, threads + 1)]


def grouped(steps: Sequence[NativeStep]) -> list[list[NativeStep]]:
    """Return the steps in groups of one thread and line, without those of no interest.

    The second point of a hand-over of the GIL shows nothing.
    """
    groups: list[list[NativeStep]] = []
    for step in steps:
        if step.call is None and not step.place and step.point != "waits":
            continue
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and not step.preempted
            and (last.thread, last.file, last.line, last.call)
            == (step.thread, step.file, step.line, step.call)
            and step.line
        ):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def most_telling(group: Sequence[NativeStep]) -> NativeStep:
    """Return the step whose value a row shows: the last that changes one, if any."""
    changing = [step for step in group if step.before != step.after]
    return (changing or list(group))[-1]


def number_text(value: int | None) -> str:
    """Return a value: a small one as a decimal number, a pointer in hexadecimal.

    A large negative one is shown as the word of 8 bytes that it is.
    """
    if value is None:
        return ""
    return str(value) if abs(value) < 1 << 20 else f"{value % (1 << 64):#x}"
