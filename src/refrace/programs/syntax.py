"""The nodes of a race program: frozen, hashable data.

A :class:`~refrace.programs.Program` holds declarations and bodies.  A body is a
tuple of statements: :class:`Step`, whose `op` is defined in
:data:`refrace.programs.steps.OPERATIONS`, :class:`Assert`, and the three block
forms :class:`If`, :class:`While` and :class:`Repeat`.

Equality and hash ignore positions; `line` and `column` are the place where a node was
read (counted from 1; None if it was not read from text).  Nodes check nothing: a
`Program` checks all its nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "MAX_INTEGER",
    "MAX_NESTING",
    "NULL",
    "Arithmetic",
    "Assert",
    "Block",
    "Cell",
    "CellDeclaration",
    "Condition",
    "Constant",
    "Container",
    "ContainerDeclaration",
    "Declaration",
    "Field",
    "FieldDeclaration",
    "Function",
    "FunctionName",
    "HoldDeclaration",
    "If",
    "Local",
    "Lock",
    "LockDeclaration",
    "ObjectDeclaration",
    "ObjectLock",
    "ObjectName",
    "Operand",
    "Predicate",
    "Repeat",
    "Statement",
    "Step",
    "Template",
    "Thread",
    "Value",
    "While",
    "walk",
]

MAX_INTEGER = 2**31 - 1
"""Integer constants lie between ``-MAX_INTEGER`` and ``MAX_INTEGER``."""

MAX_NESTING = 64
"""Blocks nest at most this deep, so that every walk over a program is bounded."""


def _position() -> int | None:
    return field(default=None, compare=False, repr=False, kw_only=True)


# ---------------------------------------------------------------- operands


@dataclass(frozen=True, slots=True)
class Local:
    """A variable of the running thread (or of the running sub-program)."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer, or null (`value` is None)."""

    value: int | None


NULL = Constant(None)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left + right`` or ``left - right`` on integers."""

    operator: str
    left: Local | Constant
    right: Local | Constant


@dataclass(frozen=True, slots=True)
class Cell:
    """A shared cell: a `slot`, a `raw` or an `int`."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """The field `name` of the object that local `local` points to."""

    local: str
    name: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A declared `lock` or `rlock`."""

    name: str


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """The lock ``x.m`` of the object in local `local`."""

    local: str


@dataclass(frozen=True, slots=True)
class Container:
    """A `vec` or a `rawvec`."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """The template of `new`: a `type`, or a name without options."""

    name: str


@dataclass(frozen=True, slots=True)
class ObjectName:
    """An object by its own name, as in ``renew A``."""

    name: str


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A sub-program by its name."""

    name: str


Value: TypeAlias = Local | Constant | Arithmetic
Operand: TypeAlias = (
    Local
    | Constant
    | Arithmetic
    | Cell
    | Field
    | Lock
    | ObjectLock
    | Container
    | Template
    | ObjectName
    | FunctionName
)


# -------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Predicate:
    """One comparison, or the truth of one operand.

    `operator` is one of ``== != < <= > >=``.  For a bare operand, which is true unless
    it is null or 0, `operator` and `right` are None.  `negated` is a `not` before it.
    """

    left: Local | Constant
    operator: str | None = None
    right: Local | Constant | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One or more predicates, all of which must be true (``a and not b``)."""

    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One statement without a block: ``result = op operands``.

    The table :data:`refrace.programs.steps.OPERATIONS` defines the operands and the
    result of each `op`, and whether it is a step of the schedule.
    """

    op: str
    operands: tuple[Operand, ...] = ()
    result: str | None = None
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class Assert:
    """Asserts `condition`; if it is false, the run has a `wrong-value`."""

    condition: Condition
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class If:
    """``if condition { then } else { otherwise }``."""

    condition: Condition
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class While:
    """``while condition { body }``."""

    condition: Condition
    body: tuple[Statement, ...]
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class Repeat:
    """``repeat count { body }``; `count` is a number written in the program."""

    count: int
    body: tuple[Statement, ...]
    line: int | None = _position()
    column: int | None = _position()


Statement: TypeAlias = Step | Assert | If | While | Repeat
Block: TypeAlias = tuple[Statement, ...]


# ------------------------------------------------------------ declarations


@dataclass(frozen=True, slots=True)
class CellDeclaration:
    """``slot S = A``, ``raw R = null``, ``int N = 0``.

    `initial` is the name of an object, an integer, or None for null.
    """

    kind: str
    name: str
    initial: str | int | None
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class ContainerDeclaration:
    """``vec C = [A, B]`` or ``rawvec C = []``; an item None is null."""

    kind: str
    name: str
    items: tuple[str | None, ...] = ()
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class LockDeclaration:
    """``lock L`` or ``rlock L``."""

    kind: str
    name: str
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
    """

    kind: str
    name: str
    finaliser: str | None = None
    fields: tuple[FieldDeclaration, ...] = ()
    count: int | None = None
    max_count: int | None = None
    stable: bool = False
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class HoldDeclaration:
    """``hold T1.x = A`` (the local owns a count) or ``borrow T1.x = A``."""

    kind: str
    thread: str
    local: str
    object: str
    line: int | None = _position()
    column: int | None = _position()


Declaration: TypeAlias = (
    CellDeclaration
    | ContainerDeclaration
    | LockDeclaration
    | ObjectDeclaration
    | HoldDeclaration
)


@dataclass(frozen=True, slots=True)
class Thread:
    """``T1: …``: a thread and what it does."""

    name: str
    body: Block = ()
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class Function:
    """``fn f: …``: a sub-program with its own locals, a fresh set for each call."""

    name: str
    body: Block = ()
    line: int | None = _position()
    column: int | None = _position()


def walk(body: Block) -> Iterator[Statement]:
    """Yield every statement of `body` in text order, including those in blocks."""
    stack: list[Iterator[Statement]] = [iter(body)]
    while stack:
        for statement in stack[-1]:
            yield statement
            if isinstance(statement, If):
                stack.append(iter(statement.then + statement.otherwise))
                break
            if isinstance(statement, (While, Repeat)):
                stack.append(iter(statement.body))
                break
        else:
            stack.pop()
