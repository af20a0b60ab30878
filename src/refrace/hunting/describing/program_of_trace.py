"""The race program of the counted objects that a trace of native code touches.

A place that holds a pointer and that two threads access is a cell.  A line of C is
translated if it is of a known form and the trace shows its accesses: a read of a cell
into a variable, a store, a count of a variable, a call that is passed one.  A trace in
which an object of a cell may be counted or stored in another way has no program.  What
is not about such an object is left out, and so is each path that no thread took.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from refrace.errors import RefraceError
from refrace.hunting.describing.c_function import CFunction, is_harmless
from refrace.hunting.schedules.native_trace import NativeStep
from refrace.programs import Program
from refrace.programs.vocabulary import RESERVED

__all__ = ["program_of_trace"]

_LEAST_POINTER = 1 << 20
_COUNTS = re.compile(r"\bPy_X?(INCREF|DECREF)\(\s*([^()]+?)\s*\)")
_NEW_REF = re.compile(r"^Py_X?NewRef\(\s*(.+?)\s*\)$")
_ASSIGNED = re.compile(r"([^=;{}!]+?)\s*=(?!=)\s*([^;]+);")
_CAST = re.compile(r"^\([\w\s*]+\)\s*")
_HEADER = re.compile(r"(->|\.)ob_\w+$")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_UNNAMED = re.compile(r"m\d+")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_WORDS = {"if", "while", "for", "switch", "return", "sizeof", "Py_NewRef", "Py_XNewRef"}
_COUNTING_CALLS = ("_Py_DecRefShared", "Py_DecRef", "Py_IncRef")
_ARGUMENT = "_of_caller"


class _UnclearError(Exception):
    """A line may do something to an object that cannot be translated."""


def program_of_trace(steps: Sequence[NativeStep]) -> Program | None:
    """Return the program of a trace; None if it cannot be translated.

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
    try:
        for number, thread in threads.items():
            mine = [step for step in steps if step.thread == number]
            # Not of all steps: a thread may be preempted in the middle of a line.
            for _, points in groupby(mine, lambda step: (step.file, step.line)):
                thread.translate(list(points))
    except _UnclearError:
        return None
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
    bound: dict[str, CFunction] = field(default_factory=dict)
    foreign: dict[str, CFunction] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    is_detached: bool = False

    def translate(self, points: list[NativeStep]) -> None:
        """Add the steps of one line of C."""
        rest = [p for p in points if p.point not in ("gil-release", "gil-take")]
        switches = [p for p in points if p.point in ("gil-release", "gil-take")]
        if rest:
            n_lines = len(self.lines)
            self._line(_Line(rest))
            if switches and len(self.lines) > n_lines:
                raise _UnclearError  # before, between or after?
        for point in switches:
            if point.point == "gil-take" and self.is_detached:
                self.lines.append("attach")
                self.is_detached = False
            elif point.point == "gil-release" and point.gil and not self.is_detached:
                self.lines.append("detach")
                self.is_detached = True

    def _line(self, line: _Line) -> None:
        for name in [n for n in self.bound if line.sets(n)]:
            del self.bound[name]
        if line.counted:
            self._counted(line)
        elif line.to:
            self._assigned(line)
        else:
            self._called(line)

    def _counted(self, line: _Line) -> None:
        """Translate counts, each of which has its write in the trace."""
        if line.n_counts == 0 and not line.is_unconditional:
            return
        objects = [self._object(what, line) for _, what in line.counted]
        if not any(objects):
            return
        if line.n_counts != len(line.counted) or line.has_more:
            raise _UnclearError
        self.lines += [
            f"{how.lower()} {name}"
            for (how, _), name in zip(line.counted, objects, strict=True)
            if name is not None
        ]

    def _object(self, what: str, line: _Line) -> str | None:
        """Return the local of what is counted or stored; None if it is unrelated."""
        if self.bound.get(what) == line.function:
            return _name(what)
        if self.foreign.get(what) == line.function:
            return None
        if not _VARIABLE.fullmatch(what) or not line.function.passes(what):
            raise _UnclearError
        self._bind(what, line)
        self.arguments.append(what)
        return _name(what)

    def _bind(self, name: str, line: _Line) -> None:
        self.foreign.pop(name, None)
        if self.bound.setdefault(name, line.function) != line.function:
            raise _UnclearError  # two variables of one name

    def _assigned(self, line: _Line) -> None:
        to, value = line.to, line.value
        writes = [p for p in line.points if p.point == "write" and p.place == to]
        if value in self.cells and line.reads(value):
            self._read(line)
        elif to in self.cells and writes:
            self._stored(line, writes[-1])
        else:
            self._called(line)
            names = _VARIABLE.findall(value)
            is_new = is_harmless(value.partition("(")[0].strip())
            if is_new and not any(n in self.bound for n in names):
                self.foreign[to] = line.function
            else:
                self.foreign.pop(to, None)

    def _read(self, line: _Line) -> None:
        to = line.to
        if line.has_more or not _VARIABLE.fullmatch(to):
            raise _UnclearError
        if line.n_counts != line.takes or not line.function.sets_once(to):
            raise _UnclearError
        self.lines.append(f"{_name(to)} = {self.cells[line.value].name}")
        self._bind(to, line)
        if line.takes:
            self.lines.append(f"incref {_name(to)}")

    def _stored(self, line: _Line, write: NativeStep) -> None:
        cell = self.cells[line.to]
        if line.has_more or line.n_counts > line.takes:
            raise _UnclearError
        if write.after == 0 or line.value == "NULL":
            self.lines.append(f"{cell.name} = null")
            return
        name = self._object(line.value, line)
        if name is None or line.n_counts != line.takes:
            raise _UnclearError
        if line.takes:
            self.lines.append(f"incref {name}")
        self.lines.append(f"{cell.name} = {name}")

    def _called(self, line: _Line) -> None:
        """Translate calls that are passed an object; none of them may count it."""
        in_cells = [point for point in line.points if point.place in self.cells]
        if any(point.point != "read" or line.n_counts for point in in_cells):
            raise _UnclearError
        names = [n for n in line.names if self.bound.get(n) == line.function]
        if not names or not line.functions:
            return
        if not all(is_harmless(function) for function in line.functions):
            raise _UnclearError
        if line.called & line.functions:
            self.lines += [f"use {_name(name)}" for name in names]


class _Line:
    """A line of C that ran, and its points."""

    def __init__(self, points: list[NativeStep]) -> None:
        first = points[0]
        self.points = points
        self.source = source = first.source
        self.function = CFunction(first.file, first.function)
        self.counted: list[tuple[str, str]] = _COUNTS.findall(source)
        assigned = _ASSIGNED.search(source)
        self.to = assigned[1].split()[-1].lstrip("*") if assigned else ""
        value = _CAST.sub("", assigned[2].strip()) if assigned else ""
        taken = _NEW_REF.match(value)
        self.takes = taken is not None
        self.value: str = taken[1] if taken is not None else value
        self.functions = set(_CALLED.findall(source)) - _WORDS
        self.names = dict.fromkeys(_VARIABLE.findall(source))
        self.called = {p.call for p in points if p.point == "call"}
        self.n_counts = sum(map(_is_count, points))
        n_sets = len(re.findall(r"(?<![=!<>])=(?!=)", source))
        self.has_more = source.count(";") > 1 or n_sets > (not self.counted)
        self.is_unconditional = _COUNTS.match(source.strip()) is not None and (
            "Py_X" not in source
        )

    def reads(self, place: str) -> bool:
        """Return whether it reads a place."""
        return any(p.point == "read" and p.place == place for p in self.points)

    def sets(self, name: str) -> bool:
        """Return whether it assigns to a variable."""
        return re.search(rf"(?<![\w.>]){name}\s*=(?!=)", self.source) is not None


def _is_count(point: NativeStep) -> bool:
    """Return whether it is a write of a count, or a call that does one.

    Without a GIL a count also reads, atomically, which thread owns the object.
    """
    if point.point == "call":
        return point.call in _COUNTING_CALLS
    if point.point not in ("write", "atomic") or (point.before or 0) >= _LEAST_POINTER:
        return False
    if point.point == "atomic" and point.after == point.before:
        return False
    is_named = _HEADER.search(point.place) is not None
    return is_named or _UNNAMED.fullmatch(point.place) is not None


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
