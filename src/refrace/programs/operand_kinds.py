"""The kinds of operands and results that the operations of the language have."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["OPTIONAL", "OperandKind", "ResultKind"]


class OperandKind(StrEnum):
    """The kinds of operands."""

    OBJECT = "object"
    """A local that points to an object."""
    VALUE = "value"
    """A local, constant or sum of the type that the place holds."""
    INTEGER = "integer"
    """A local, constant or sum that is an integer."""
    REFERENCE = "reference"
    """A local that holds a pointer, or null."""
    PLACE = "place"
    """A shared cell, or a field of the object in a local."""
    REFERENCE_PLACE = "reference place"
    """A cell or field that holds a pointer."""
    INTEGER_PLACE = "integer place"
    """A cell or field that holds an integer."""
    CONTAINER = "container"
    """A `vec` or `rawvec`."""
    LOCK = "lock"
    """A declared lock, or the lock ``x.m`` of the object in local `x`."""
    BARRIER = "barrier"
    """A declared barrier."""
    TEMPLATE = "template"
    """The name of a `type`; any other name is a type without options."""
    NAMED_OBJECT = "named object"
    """The name of an object."""
    FUNCTION = "function"
    """The name of a sub-program."""
    ARGUMENT = "argument"
    """Optional: a local, constant or sum passed to a sub-program."""
    RETURNED = "returned"
    """Optional: the local, constant or sum that a sub-program gives its caller."""


OPTIONAL = frozenset((OperandKind.ARGUMENT, OperandKind.RETURNED))
"""Kinds of operands that may be left out; they come last."""


class ResultKind(StrEnum):
    """The kinds of results."""

    NONE = "none"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    """The integer 1 or 0."""
    REFERENCE = "reference"
    AS_OPERAND = "as operand"
    """The type held by the first operand."""
    RETURNED = "returned"
    """What the sub-program gives: needed if it gives something, else refused."""
