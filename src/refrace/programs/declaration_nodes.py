"""The nodes of declarations, a part of :mod:`refrace.programs.syntax`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "CellDeclaration",
    "ContainerDeclaration",
    "Declaration",
    "FieldDeclaration",
    "HoldDeclaration",
    "InterruptDeclaration",
    "LockDeclaration",
    "ObjectDeclaration",
]


def _position() -> int | None:
    return field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CellDeclaration:
    """``slot S = A``, ``raw R = null``, ``int N = 0``, ``weak W = A calls f``.

    `initial` is the name of an object, an integer, or None for null; `callback` is the
    sub-program that runs when a weak reference has been cleared, or None.
    """

    kind: str
    name: str
    initial: str | int | None
    callback: str | None = None
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class ContainerDeclaration:
    """``vec C = [A, B]`` or ``rawvec C = []``; an item None is null.

    Attributes
    ----------
    room : int or None
        The items lie in a block of their own, which has room for so many at first
        (``room n``); None: they lie in the container.
    delayed : bool
        Whether a replaced block is freed only when every thread that was attached has
        passed a quiescent point.
    """

    kind: str
    name: str
    items: tuple[str | None, ...] = ()
    room: int | None = None
    delayed: bool = False
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class LockDeclaration:
    """``lock L``, ``rlock L`` or ``native_lock L``."""

    kind: str
    name: str
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class BarrierDeclaration:
    """``barrier B 2``: threads wait until `threads` of them have arrived."""

    name: str
    threads: int
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """The option ``field f=B`` (owning) or ``rawfield f=0`` of an object."""

    kind: str
    name: str
    initial: str | int | None


@dataclass(frozen=True, slots=True)
class ObjectDeclaration:
    """``obj A …``, or ``type M …``: a template for ``new M``.

    Attributes
    ----------
    finaliser : str or None
        Sub-program that runs when the object's destruction begins (``final F``).
    fields : tuple of FieldDeclaration
        In the order in which a free step decrements the owning fields.
    count : int or None
        Initial count (``rc n``); None: the number of its owners.
    max_count : int or None
        The counter wraps to 0 past this (``max n``); None: it does not wrap.
    stable : bool
        Its memory stays readable after the free.
    uncounted : bool
        It is memory without a count, as `malloc` makes it.
    gc : bool
        The cycle collector tracks it.
    untracks_late : bool
        Its destruction leaves it tracked until the free step.
    visits : tuple of (str, int)
        How often `tp_traverse` visits a field (``visits f 2``); of the others, once
        those that own a count, and never those that do not.
    """

    kind: str
    name: str
    finaliser: str | None = None
    fields: tuple[FieldDeclaration, ...] = ()
    count: int | None = None
    max_count: int | None = None
    stable: bool = False
    uncounted: bool = False
    gc: bool = False
    untracks_late: bool = False
    visits: tuple[tuple[str, int], ...] = ()
    line: int | None = _position()
    column: int | None = _position()

    def visits_of(self, part: FieldDeclaration) -> int:
        """Return how often `tp_traverse` visits a field."""
        return dict(self.visits).get(part.name, int(part.kind == "field"))


@dataclass(frozen=True, slots=True)
class HoldDeclaration:
    """``hold T1.x = A`` (the local owns a count) or ``borrow T1.x = A``."""

    kind: str
    thread: str
    local: str
    object: str
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class InterruptDeclaration:
    """``interrupt T1 f 1``: `function` may run on `thread` before its steps.

    It runs at most `times` times.
    """

    thread: str
    function: str
    times: int = 1
    line: int | None = _position()
    column: int | None = _position()


Declaration: TypeAlias = (
    CellDeclaration
    | ContainerDeclaration
    | LockDeclaration
    | BarrierDeclaration
    | ObjectDeclaration
    | HoldDeclaration
    | InterruptDeclaration
)
