"""The nodes of a race program: frozen, hashable data.

A :class:`~refrace.programs.Program` holds declarations and bodies.  A body is a
tuple of statements: :class:`Step`, whose `op` is defined in
:data:`refrace.programs.steps.OPERATIONS`, :class:`Assert`, and the five block
forms :class:`If`, :class:`While`, :class:`Repeat`, :class:`Region` and
:class:`Critical`.

Equality and hash ignore positions; `line` and `column` are the place where a node was
read, from 1, or None.  Nodes check nothing: a `Program` checks all its nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from refrace.programs.declaration_nodes import (
    BarrierDeclaration,
    CellDeclaration,
    ContainerDeclaration,
    Declaration,
    FieldDeclaration,
    HoldDeclaration,
    InterruptDeclaration,
    LockDeclaration,
    ObjectDeclaration,
)

__all__ = [
    "MAX_INTEGER", "MAX_NESTING", "MAX_PARAMETERS", "NULL", "Arithmetic", "Assert",
    "Barrier", "BarrierDeclaration", "Block", "Cell", "CellDeclaration", "Condition",
    "Constant", "Container", "ContainerDeclaration", "Critical", "Declaration", "Field",
    "FieldDeclaration", "Function", "FunctionName", "HoldDeclaration", "If",
    "InterruptDeclaration", "Local", "Lock", "LockDeclaration", "ObjectDeclaration",
    "ObjectLock", "ObjectName", "Operand", "Predicate", "Region", "Repeat",
    "Statement", "Step", "Template", "Thread", "Value", "While", "walk",
]  # fmt: skip

MAX_INTEGER = 2**31 - 1
"""Integer constants lie between ``-MAX_INTEGER`` and ``MAX_INTEGER``."""

MAX_NESTING = 64
"""Blocks nest at most this deep, so that every walk over a program is bounded."""


MAX_PARAMETERS = 3
"""A sub-program declares at most so many parameters."""


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
    """A declared `lock`, `rlock` or `native_lock`."""

    name: str


@dataclass(frozen=True, slots=True)
class Barrier:
    """A declared `barrier`."""

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
    | Barrier
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
    """One or more predicates, all of which must be true (``a and not b``).

    `others` are alternatives (``or``), each of such predicates: the condition is true
    if all predicates of one are.
    """

    predicates: tuple[Predicate, ...]
    others: tuple[tuple[Predicate, ...], ...] = ()

    @property
    def alternatives(self) -> tuple[tuple[Predicate, ...], ...]:
        """The predicates of each alternative, in the order of the text."""
        return (self.predicates, *self.others)

    @property
    def mentioned(self) -> tuple[Predicate, ...]:
        """The predicates of all alternatives."""
        return tuple(chain(self.predicates, *self.others))


@dataclass(frozen=True, slots=True)
class Step:
    """One statement without a block: ``result = op operands``.

    The table :data:`refrace.programs.steps.OPERATIONS` defines the operands, the result
    and the memory orders of each `op`.  `order` None is sequentially consistent;
    `failure` is that of a failed `cas`, None what follows from `order`.
    """

    op: str
    operands: tuple[Operand, ...] = ()
    result: str | None = None
    order: str | None = None
    failure: str | None = None
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


@dataclass(frozen=True, slots=True)
class Region:
    """``masked { body }``: what holds for the thread while it is in the block.

    `word` is one of :data:`refrace.programs.regions.REGION_FORMS`.
    """

    word: str
    body: tuple[Statement, ...]
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class Critical:
    """``critical x { body }`` or ``critical x y { body }``: a critical section.

    `objects` are the one or two objects whose locks it takes.
    """

    objects: tuple[Local, ...]
    body: tuple[Statement, ...]
    line: int | None = _position()
    column: int | None = _position()


Statement: TypeAlias = Step | Assert | If | While | Repeat | Region | Critical
Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """``T1: …``: a thread and what it does."""

    name: str
    body: Block = ()
    line: int | None = _position()
    column: int | None = _position()


@dataclass(frozen=True, slots=True)
class Function:
    """``fn f a b: …``: a sub-program with its own locals, a fresh set for each call.

    `parameters` are those that it declares, at most :data:`MAX_PARAMETERS`.  Without
    any it takes one argument or none, in its local `arg`.
    """

    name: str
    body: Block = ()
    parameters: tuple[str, ...] = ()
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
            if isinstance(statement, (While, Repeat, Region, Critical)):
                stack.append(iter(statement.body))
                break
        else:
            stack.pop()
