"""The memory that a line of C may access, by its expressions: ``self->items[i]``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from refrace.hunting.schedules.debug_info import DebugInfo, Die, pointee, size_of

__all__ = ["Candidate", "candidates_of"]

_NAME = r"[A-Za-z_]\w*"
_CAST = rf"\(\s*\(\s*(?:struct\s+)?(?P<cast>{_NAME})\s*\*\s*\)\s*(?P<of>{_NAME})\s*\)"
_STEP = rf"\s*(?:->|\.)\s*{_NAME}|\s*\[[^\[\]]*\]"
_CHAIN = re.compile(rf"(?:{_CAST}|\b(?P<root>{_NAME}))(?P<rest>(?:{_STEP})+)")
_STEPS = re.compile(rf"(?P<how>->|\.)\s*(?P<name>{_NAME})|\[")


class Candidate(NamedTuple):
    """Memory that an expression of a line may stand for.

    Attributes
    ----------
    base : str
        The expression of the pointer that it starts from.
    record : Die
        What that points to.
    is_root : bool
        Whether the pointer is a variable, and so its value is not seen.
    offset : int
        Bytes from there.
    stride, span : int
        For an element of an array, whose index is not known: bytes of an element, and
        of the array, 0 if that is not known.
    kind : Die
        Its type.
    text : str
        The expression, without the index of an element.
    """

    base: str
    record: Die
    is_root: bool
    offset: int
    stride: int
    span: int
    kind: Die
    text: str

    def fits(self, size: int) -> bool:
        """Return whether an access of so many bytes can be one of it; 0 always can."""
        return size in (0, min(8, size_of(self.kind)))


def candidates_of(
    text: str,
    scope: Mapping[str, Die],
    type_named: Callable[[str], Die],
    info: DebugInfo,
) -> list[Candidate]:
    """Return what the expressions of a line may access.

    Parameters
    ----------
    text : str
        The line.
    scope : mapping of str to type
        The variables that it can name.
    type_named : callable
        Returns the type of a name, for casts; None if there is none.
    info : DebugInfo
        Of the types.
    """
    found: list[Candidate] = []
    for chain in _CHAIN.finditer(text):
        root = chain["root"] or chain["of"]
        record = (
            type_named(chain["cast"]) if chain["cast"] else pointee(scope.get(root))
        )
        found += _walk(root, record, chain["rest"], info)
    return found


def _walk(root: str, record: Die, rest: str, info: DebugInfo) -> Iterator[Candidate]:
    """Follow a chain from a variable that points to a record."""
    now: Candidate | None = None
    for number, step in enumerate(_STEPS.finditer(rest)):
        if number > 0 and now is None:
            return
        name = step["name"]
        if now is None:
            if record is None or step["how"] == ".":
                return  # a variable on the stack, which has no hooks
            now = Candidate(root, record, True, 0, 0, 0, record, root)
        elif step["how"] != "." and now.kind.tag != "DW_TAG_array_type":
            yield now  # the pointer is read
            inner = pointee(now.kind)
            if inner is None:
                return
            now = Candidate(now.text, inner, False, 0, 0, 0, inner, now.text)
        now = _member(now, name, info) if name else _element(now)
    if now is not None:
        yield now


def _member(of: Candidate, name: str, info: DebugInfo) -> Candidate | None:
    how = "." if of.stride or of.text != of.base else "->"
    for field in info.fields(of.kind):
        if field.name == name and field.kind is not None:
            return of._replace(
                offset=of.offset + field.offset,
                kind=field.kind,
                text=f"{of.text}{how}{name}",
            )
    return None


def _element(of: Candidate) -> Candidate | None:
    if of.stride:
        return None  # an array of arrays
    if of.kind.tag == "DW_TAG_array_type":
        inner, span = pointee(of.kind), size_of(of.kind)
    else:
        inner, span = of.kind, 0
    if inner is None or not size_of(inner):
        return None
    return of._replace(stride=size_of(inner), span=span, kind=inner)
