"""Calls of sub-programs: their arguments and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .state import Call, evaluate

if TYPE_CHECKING:
    from .program import Program


def begin(program: Program, caller: Call, label: str, given: tuple) -> Call:
    """Return the frame of a sub-program that is called."""
    names = program.parameters[label] or ("arg",)
    values = (evaluate(one, caller.values) for one in given)
    return Call(label, values=dict(zip(names, values, strict=False)))


def give(program: Program, caller: Call, value: object) -> None:
    """Store a result; the caller is behind its `call`."""
    _, _, target = program.bodies[caller.label][caller.place - 1].operands
    caller.values[target] = value
