"""The memory models of the explorer: sequentially consistent, or that of C11."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, cast

from refrace._base.arguments import check_choice, check_integer
from refrace._native import explorer as native_explorer
from refrace.errors import InvalidArgument
from refrace.programs import Program

__all__ = [
    "HISTORY",
    "MODELS",
    "MOST_HISTORY",
    "SC",
    "Memory",
    "Model",
    "check_modelled",
    "memory_of",
    "unmodelled",
    "weak_of",
]

Model = Literal["sc", "c11"]
MODELS = ("sc", "c11")
HISTORY = 8
MOST_HISTORY = native_explorer.MOST_HISTORY


class Weakening(NamedTuple):
    """An access or fence of a mode's source, and the weaker order it gets."""

    file: str
    line: int
    text: str
    order: str


class Memory(NamedTuple):
    """A memory model, and how many writes of a location threads may still read.

    `weakened` are the orders of the mode that are made weaker, all at the same time.
    """

    model: Model = "sc"
    history: int = HISTORY
    weakened: tuple[Weakening, ...] = ()


SC = Memory()


def memory_of(model: Any, history: Any = HISTORY) -> Memory:
    """Check the arguments `memory` and `history`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If one has the wrong type, is unknown, or is out of range; or if `history` is
        not the default, which only C11 can have.
    """
    chosen = cast(Model, check_choice("memory", model, MODELS))
    history = check_integer("history", history, low=1, high=MOST_HISTORY)
    if chosen == "sc":
        if history != HISTORY:
            raise InvalidArgument(
                f"history={history} has no meaning with memory='sc', where each read "
                "gives the last value; pass memory='c11', or leave history out"
            )
        return SC
    return Memory(chosen, history)


def check_modelled(program: Program) -> None:
    """Check that the memory of a program is modelled under C11.

    Raises
    ------
    InvalidArgument
        If it is not.
    """
    for problem in unmodelled(program):
        raise InvalidArgument(f"memory='c11': {problem}")


def unmodelled(program: Program) -> list[str]:
    """Return what of a program is not modelled under C11, each with its cure."""
    problems = [
        f"{interrupt.function} interrupts {interrupt.thread}, which "
        "is modelled only with memory='sc'; use that, or leave out `interrupt`"
        for interrupt in program.facts.interrupts
    ]
    if program.facts.uses("critical"):
        problems.append(
            "critical sections are modelled only with memory='sc'; use that, or write "
            "`lock x.m ; … ; unlock x.m`"
        )
    if program.facts.uses("resurrect"):
        problems.append(
            "`resurrect` is modelled only with memory='sc'; use that, or in a mode "
            "whose count is one word, write `setrc self 1`"
        )
    return problems


def weak_of(memory: Memory, ways: bytes = b"") -> native_explorer.Weak | None:
    """Return the core's settings for a memory model; None: sequentially consistent.

    `ways` is what is known of the operations of the mode; a search that finds more
    starts again.
    """
    if memory.model == "sc":
        return None
    return native_explorer.Weak(memory.history, ways, memory.weakened)
