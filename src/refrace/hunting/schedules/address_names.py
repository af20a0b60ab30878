"""Names of addresses in a trace: ``counter``, ``self->items``, ``self->items[2]``.

A static variable is found by its address.  A field takes more, since the hooks do not
see what a pointer variable holds: the expressions of the source line, the types of
debug information, and one start of the object that agrees with what the trace accesses
in it.  A pointer that was read from a place with a name gives names to what it points
to.
"""

from __future__ import annotations

import linecache
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from refrace.hunting.schedules.c_expressions import Candidate, candidates_of
from refrace.hunting.schedules.c_lines import CLine
from refrace.hunting.schedules.cython_lines import cython_line
from refrace.hunting.schedules.debug_info import (
    DebugInfo,
    Die,
    debug_info_of,
    pointee,
    size_of,
)
from refrace.hunting.schedules.known_places import KnownPlaces

__all__ = ["Access", "names_of"]

_LARGEST = 1 << 16
"""Bytes behind a pointer that still count as elements of its array."""


class Access(NamedTuple):
    """A point of a trace.

    Attributes
    ----------
    image : (str, int) or None
        Module file and offset of the instruction, as the runtime logs it.
    line : CLine
        Its line of C.
    place : (str, int) or None
        Module file and offset of the address; None for memory that is allocated.
    address : int
        0 if there is none.
    value : int or None
        What was there, before the access.
    size : int
        Bytes; 0 for a lock or a call.
    """

    image: tuple[str, int] | None
    line: CLine
    place: tuple[str, int] | None
    address: int
    value: int | None
    size: int


class _Named(NamedTuple):
    text: str
    kind: Die


def names_of(accesses: Sequence[Access]) -> dict[int, str]:
    """Return the names of addresses that have one; different addresses differ.

    Parameters
    ----------
    accesses : sequence of Access
        All points of a run, in order.
    """
    try:
        return _Naming(accesses).names
    except Exception:
        # The debug information of any compiler comes here; a trace without names is
        # better than none.
        return {}


class _Naming:
    def __init__(self, accesses: Sequence[Access]) -> None:
        self.names: dict[int, str] = {}
        self._found: dict[int, _Named] = {}
        self._used: dict[str, int] = {}
        self._pointers = KnownPlaces()  # what a value that was read points to
        self._values: dict[str, int] = {}
        self._candidates = [_candidates(one) for one in accesses]
        self._expressions = _numbers_of_expressions(accesses)
        # The addresses that agree with each start of an object.
        self._votes: dict[int, set[int]] = defaultdict(set)
        self._objects = KnownPlaces()
        # How often there was something new to know, and how much was known when an
        # instruction's address had no name.
        self._learned = 0
        self._unnamed: dict[tuple[int, tuple[str, int] | None, int], int] = {}
        for access, (_, some) in zip(accesses, self._candidates, strict=True):
            for one in some:
                if one.is_root and not one.stride:
                    start = access.address - one.offset
                    self._votes[start].add(access.address)
        for access, (info, some) in zip(accesses, self._candidates, strict=True):
            if access.address and info is not None:
                self._name(access, info, some)

    def _name(
        self, access: Access, info: DebugInfo, candidates: list[Candidate]
    ) -> None:
        found = self._found.get(access.address)
        if found is None:
            same = access.address, access.image, access.size
            if self._unnamed.get(same) == self._learned:
                return
            found = (
                _static(access, info)
                or self._by_object(access, info, candidates)
                or self._pointed_to(access, info, candidates)
                or self._by_line(access, candidates)
                or self._in_object(access, info)
            )
            if found is None:
                self._unnamed[same] = self._learned
                return
            self._found[access.address] = found
            self.names[access.address] = self._unique(shown(found.text, access.line))
        is_pointer = found.kind is not None and found.kind.tag == "DW_TAG_pointer_type"
        value = access.value if is_pointer and access.size == 8 else None
        if value and self._values.get(found.text) != value:
            self._values[found.text] = value
            self._pointers.put(value, found.text, pointee(found.kind))
            self._learned += 1

    def _unique(self, name: str) -> str:
        number = self._used[name] = self._used.get(name, 0) + 1
        return name if number == 1 else f"{name} ({number})"

    def _by_object(
        self, access: Access, info: DebugInfo, candidates: list[Candidate]
    ) -> _Named | None:
        """Return the name by the line, if other addresses agree where the object is."""
        agreed = [
            one
            for one in candidates
            if one.is_root
            and not one.stride
            and len(self._votes[access.address - one.offset]) > 1
        ]
        return self._by_text(access, agreed)

    def _by_line(self, access: Access, candidates: list[Candidate]) -> _Named | None:
        """Return the name by the line alone, unless it accesses more than it names.

        ``*p += self->count`` has two accesses, and one could be taken for the other.
        """
        if self._expressions[access.line, access.size] > len(candidates):
            return None
        return self._by_text(access, candidates)

    def _by_text(self, access: Access, candidates: list[Candidate]) -> _Named | None:
        scores: dict[str, tuple[int, Candidate, str]] = {}
        for one in candidates:
            start = access.address - one.offset
            text, score = one.text, 0
            if one.stride:
                known = [self._values.get(one.base, 0)] if not one.is_root else []
                known += [at for at, it in self._objects.items() if it.text == one.base]
                index = _index(start, known, one)
                if index is None:
                    continue
                text = f"{text}[{index}]"
            elif one.is_root:
                score = len(self._votes[start])
            elif self._values.get(one.base) != start:
                continue
            scores[text] = (score, one, text)
        if not scores:
            return None
        ordered = sorted(scores.values(), key=lambda one: one[0], reverse=True)
        score, best, text = ordered[0]
        if len(ordered) > 1 and ordered[1][0] == score:
            return None  # it could be either
        if best.is_root and not best.stride:
            start = access.address - best.offset
            if start not in self._objects:
                self._learned += 1
            self._objects.put(start, best.base, best.record)
        return _Named(text, best.kind)

    def _pointed_to(
        self, access: Access, info: DebugInfo, candidates: list[Candidate]
    ) -> _Named | None:
        # Only a line with an index accesses elements behind the first.
        strides = {one.stride for one in candidates if one.stride}
        behind = _LARGEST if strides else 0
        for value, (text, to, size, _) in self._pointers.near(access.address, behind):
            into = access.address - value
            if 0 <= into < size:
                inner = _inside(to, into, access.size, info)
                if inner is not None:
                    return _Named(_behind(text, inner.text), inner.kind)
            elif 0 < into < _LARGEST and size in strides and not info.fields(to):
                element, rest = divmod(into, size)
                if not rest and access.size == min(8, size):
                    return _Named(f"{text}[{element}]", to)
        return None

    def _in_object(self, access: Access, info: DebugInfo) -> _Named | None:
        for start, (text, record, size, _) in self._objects.near(access.address):
            into = access.address - start
            if 0 <= into < size:
                inner = _inside(record, into, access.size, info)
                if inner is not None:
                    return _Named(_behind(text, inner.text), inner.kind)
        return None


def _candidates(access: Access) -> tuple[DebugInfo | None, list[Candidate]]:
    """Return the debug information of a point, and what its line may access."""
    if access.image is None or not access.address:
        return None, []
    file, offset = access.image
    offset -= 1  # within the call, not behind it
    info = debug_info_of(file)
    if info is None or not access.line.line or access.place is not None:
        return info, []
    text = linecache.getline(access.line.file, access.line.line)
    scope = info.variables_in_scope(offset, access.line.function)
    some = candidates_of(text, scope, lambda name: info.named_type(offset, name), info)
    fitting = {(one.text, one.stride): one for one in some if one.fits(access.size)}
    return info, list(fitting.values())


def _numbers_of_expressions(
    accesses: Sequence[Access],
) -> dict[tuple[CLine, int], int]:
    """Return how many expressions a line, and a size, has: by what was accessed.

    Instructions that access a common address, to read and to write it, are of one.
    """
    seen: dict[tuple[CLine, int], dict[tuple[str, int], set[int]]] = {}
    for one in accesses:
        if one.image is not None and one.address and one.place is None:
            some = seen.setdefault((one.line, one.size), {})
            some.setdefault(one.image, set()).add(one.address)
    numbers: dict[tuple[CLine, int], int] = defaultdict(int)
    for key, instructions in seen.items():
        groups: list[set[int]] = []
        for addresses in instructions.values():
            apart = [one for one in groups if one.isdisjoint(addresses)]
            common = [one for one in groups if not one.isdisjoint(addresses)]
            groups = [*apart, addresses.union(*common)]
        numbers[key] = len(groups)
    return numbers


def _static(access: Access, info: DebugInfo) -> _Named | None:
    if access.place is None or access.image is None:
        return None
    if access.place[0] != access.image[0]:
        return None
    found = info.variable_at(access.place[1])
    if found is None:
        return None
    name, kind, into = found
    inner = _inside(kind, into, access.size, info)
    if inner is None:
        return _Named(name if not into else f"{name}+{into}", None)
    return _Named(name + inner.text, inner.kind)


def _inside(kind: Die, into: int, size: int, info: DebugInfo) -> _Named | None:
    """Return the member or element at an offset, such as ``.items[2]``."""
    if not into and (size in (0, min(8, size_of(kind))) and not info.fields(kind)):
        return _Named("", kind)
    element = size_of(pointee(kind))
    if kind is not None and kind.tag == "DW_TAG_array_type" and element:
        number, rest = divmod(into, element)
        inner = _inside(pointee(kind), rest, size, info)
        return inner and _Named(f"[{number}]{inner.text}", inner.kind)
    for field in info.fields(kind):
        if field.offset <= into < field.offset + max(1, size_of(field.kind)):
            inner = _inside(field.kind, into - field.offset, size, info)
            if inner is not None:
                return _Named(f".{field.name}{inner.text}", inner.kind)
    return _Named("", kind) if not into and not size else None


def _behind(pointer: str, member: str) -> str:
    return f"{pointer}->{member.removeprefix('.')}" if member else f"*{pointer}"


def _index(address: int, starts: Sequence[int], of: Candidate) -> int | None:
    for start in starts:
        number, rest = divmod(address - start, of.stride)
        if start and not rest and 0 <= number * of.stride < (of.span or _LARGEST):
            return number
    return None


def shown(text: str, line: CLine) -> str:
    """Return an expression as the user wrote it: Cython adds prefixes to names."""
    if cython_line(line.file, line.line) is None:
        return text
    return text.replace("__pyx_v_", "").replace("->", ".")
