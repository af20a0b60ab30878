"""The race program of the counted objects that a trace of native code touches.

Best effort.  A place that holds a pointer and that two threads access is a cell.  A
line of C is translated if it is of a known form and the trace shows its access of the
cell: a read into a variable, a store, a count of a variable, a call that is passed one.
What else the lines do is left out, and so is each path that the threads did not take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from refrace.errors import RefraceError
from refrace.hunting.schedules.native_trace import NativeStep
from refrace.programs import Program
from refrace.programs.vocabulary import RESERVED

__all__ = ["program_of_trace"]

_LEAST_POINTER = 1 << 20
_COUNTS = re.compile(r"\bPy_X?(INCREF|DECREF)\(\s*([^()]+?)\s*\)")
_NEW_REF = re.compile(r"^Py_X?NewRef\(\s*(.+?)\s*\)$")
_ASSIGNED = re.compile(r"([^=;{}]+?)\s*=(?!=)\s*([^;]+);")
_CAST = re.compile(r"^\([\w\s*]+\)\s*")
_HEADER = re.compile(r"(->|\.)ob_\w+$")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_ARGUMENT = "_of_caller"


def program_of_trace(steps: Sequence[NativeStep]) -> Program | None:
    """Return the program of a trace; None if it has no cell that can be translated.

    Parameters
    ----------
    steps : sequence of NativeStep
        The trace of a run that uses or drops an object too often.
    """
    cells = _cells_of(steps)
    if not cells:
        return None
    threads = {
        number: _Thread(number, cells) for number in sorted({s.thread for s in steps})
    }
    for (number, _, _), points in groupby(
        steps, lambda step: (step.thread, step.file, step.line)
    ):
        threads[number].translate(list(points))
    if sum(bool(thread.lines) for thread in threads.values()) < 2:
        return None
    try:
        return Program.parse("\n".join(_written(cells, list(threads.values()))))
    except RefraceError:  # a name or an order that the language does not have
        return None


def _cells_of(steps: Sequence[NativeStep]) -> dict[str, _Cell]:
    """Return what holds a pointer that one thread writes and another one accesses."""
    users: dict[str, set[int]] = {}
    writers: dict[str, set[int]] = {}
    first: dict[str, int] = {}
    for step in steps:
        is_access = step.point in ("read", "write") and step.before is not None
        if not is_access or _HEADER.search(step.place) or "(" in step.place:
            continue
        if max(step.before or 0, step.after or 0) < _LEAST_POINTER:
            continue
        first.setdefault(step.place, step.before or 0)
        users.setdefault(step.place, set()).add(step.thread)
        if step.point == "write":
            writers.setdefault(step.place, set()).add(step.thread)
    return {
        place: _Cell(place, _name(place), first[place] != 0)
        for place in writers
        if len(users[place]) > 1
    }


@dataclass
class _Cell:
    place: str
    name: str
    is_set: bool


@dataclass
class _Thread:
    """The steps of one thread, and which of its variables point to an object."""

    number: int
    cells: dict[str, _Cell]
    lines: list[str] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    arguments: list[str] = field(default_factory=list)
    is_detached: bool = False

    def translate(self, points: list[NativeStep]) -> None:
        """Add the steps of one line of C."""
        source, first = points[0].source, points[0]
        if first.point == "gil-release":
            if first.gil is not None and not self.is_detached:
                self.lines.append("detach")
                self.is_detached = True
        elif first.point == "gil-take":
            if self.is_detached:
                self.lines.append("attach")
                self.is_detached = False
        else:
            self._counted(source)
            self._assigned(source, points)
            self._used(source, points)

    def _counted(self, source: str) -> None:
        for how, what in _COUNTS.findall(source):
            if what in self.bound:
                self.lines.append(f"{how.lower()} {_name(what)}")

    def _assigned(self, source: str, points: list[NativeStep]) -> None:
        assigned = _ASSIGNED.search(source)
        if assigned is None:
            return
        to = assigned[1].split()[-1].lstrip("*")
        value = _CAST.sub("", assigned[2].strip())
        taken = _NEW_REF.match(value)
        value = taken[1] if taken is not None else value
        reads = any(p.point == "read" and p.place == value for p in points)
        writes = [p for p in points if p.point == "write" and p.place == to]
        if value in self.cells and reads and _VARIABLE.fullmatch(to):
            self.lines.append(f"{_name(to)} = {self.cells[value].name}")
            self.bound.add(to)
            if taken is not None:
                self.lines.append(f"incref {_name(to)}")
        elif to in self.cells and writes:
            self._stored(self.cells[to], value, taken is not None, writes[-1])

    def _stored(
        self, cell: _Cell, value: str, is_counted: bool, write: NativeStep
    ) -> None:
        if write.after == 0 or value == "NULL":
            self.lines.append(f"{cell.name} = null")
            return
        if not _VARIABLE.fullmatch(value):
            return
        if value not in self.bound:  # the caller passed it
            self.arguments.append(value)
            self.bound.add(value)
        if is_counted:
            self.lines.append(f"incref {_name(value)}")
        self.lines.append(f"{cell.name} = {_name(value)}")

    def _used(self, source: str, points: list[NativeStep]) -> None:
        if _COUNTS.search(source) or not any(p.point == "call" for p in points):
            return
        names = [name for name in _VARIABLE.findall(source) if name in self.bound]
        self.lines += [f"use {_name(name)}" for name in dict.fromkeys(names)]


def _name(text: str) -> str:
    name = re.sub(r"\W+", "_", text).strip("_")
    return f"{name}_" if name in RESERVED else name


def _written(cells: dict[str, _Cell], threads: list[_Thread]) -> Iterator[str]:
    for number, cell in enumerate(cells.values()):
        yield f"slot {cell.name} = {f'Object{number}' if cell.is_set else 'null'}"
    for thread in threads:
        for argument in thread.arguments:
            name, owner = _name(argument), f"T{thread.number}_{_name(argument)}"
            yield f"slot {owner}{_ARGUMENT} = {owner.title()}"
            yield f"borrow T{thread.number}.{name} = {owner.title()}"
    for thread in threads:
        yield f"T{thread.number}:"
        yield from (f"  {line}" for line in thread.lines)
