"""Checks before a run that a program fits the bounds of the core.

The bounds are those of ``cext/program/limits.def``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from refrace._native import explorer as native_explorer
from refrace.catalogue.mode import Mode
from refrace.errors import InvalidProgram, ProgramTooLarge
from refrace.explorer.diagnostics import Placed, invalid_at, sections_of
from refrace.explorer.model.lower import Lowered
from refrace.programs import Program
from refrace.programs.syntax import (
    Block,
    Function,
    ObjectDeclaration,
    Repeat,
    Thread,
    walk,
)

__all__ = ["check_program", "check_state"]

LEFT_OUT = ("line", "column", "then", "otherwise", "body")


def check_program(program: Program) -> None:
    """Reject a program with too many threads or locals, or too large a number.

    Raises
    ------
    ProgramTooLarge
        With the place of what exceeds the bound.
    """
    _check_threads(program)
    _check_numbers(program)
    _check_locals(program)


def check_state(program: Program, lowered: Lowered, mode: Mode, gil_held: bool) -> None:
    """Reject a program whose state is too long, or whose count is too large for a mode.

    Raises
    ------
    ProgramTooLarge
        With the place of the object, or with the parts of a state.
    """
    image = native_explorer.Image(lowered.image)
    try:
        unfit = image.unfit(mode.number, gil_held)
    except ProgramTooLarge:
        most = native_explorer.BOUNDS["state_words"]
        raise _too_large(
            program,
            None,
            f"a state of this program has more than {most:,} words: it has "
            f"{_sizes(program, lowered)}",
            "make the largest of these smaller",
        ) from None
    if unfit is None:
        return
    template, largest = unfit
    name = lowered.templates[template]
    node = next(
        node
        for node in program.declarations
        if isinstance(node, ObjectDeclaration) and node.name == name
    )
    raise _too_large(
        program,
        (None, node),
        f"mode {mode.name!r} cannot hold a count above {largest:,} for this "
        f"{'object' if node.kind == 'obj' else 'type'}",
        "give it a smaller `rc`, or use another mode",
    )


def _too_large(
    program: Program, place: Placed | None, problem: str, cure: str
) -> InvalidProgram:
    return invalid_at(program, place, problem, cure, ProgramTooLarge)


def _check_threads(program: Program) -> None:
    most = native_explorer.BOUNDS["threads"]
    n = len(program.threads)
    if n > most:
        raise _too_large(
            program,
            (None, program.threads[most]),
            f"this is thread {most + 1} of {n}; a program can run with at most {most}",
            f"remove {'one' if n == most + 1 else n - most} of them",
        )


def _check_numbers(program: Program) -> None:
    most = native_explorer.BOUNDS["integer"]
    places: list[Placed] = [(None, node) for node in program.declarations]
    for place in (*places, *sections_of(program)):
        for number in _numbers_in(place[1]):
            if abs(number) > most:
                raise _too_large(
                    program,
                    place,
                    f"{number} is too large to run; the limit is "
                    f"{'-' if number < 0 else ''}{most:,}",
                    "use a smaller one",
                )


def _numbers_in(node: Any) -> Iterator[int]:
    """Yield the numbers written in a node, except those in its blocks."""
    if isinstance(node, bool):
        return
    if isinstance(node, int):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _numbers_in(part)
    elif is_dataclass(node):
        for part in fields(node):
            if part.name not in LEFT_OUT:
                yield from _numbers_in(getattr(node, part.name))


def _check_locals(program: Program) -> None:
    most = native_explorer.BOUNDS["locals"]
    nodes: tuple[Thread | Function, ...] = (*program.threads, *program.functions)
    sections: list[tuple[str, Thread | Function | None, Block]]
    sections = [(node.name, node, node.body) for node in nodes]
    for name, node, body in [*sections, ("end", None, program.end)]:
        n = len(program.facts.locals.get(name, ()))
        n += sum(isinstance(one, Repeat) for one in walk(body))
        if n > most:
            raise _too_large(
                program,
                None if node is None else (None, node),
                f"{'the end block' if node is None else 'this section'} has {n:,} "
                f"locals and `repeat` loops; it can run with at most {most:,}",
                "use fewer names",
            )


def _sizes(program: Program, lowered: Lowered) -> str:
    facts = program.facts
    parts = {
        "cells": len(lowered.cells),
        "items in containers": sum(len(node.items) for node in facts.containers),
        "containers": len(lowered.containers),
        "locks": len(lowered.locks),
        "objects": len(lowered.objects),
        "fields": sum(map(len, lowered.fields)),
        "locals": sum(map(len, facts.locals.values())),
        "threads": len(lowered.threads),
    }
    largest = sorted(parts.items(), key=lambda part: -part[1])[:3]
    return ", ".join(f"{n:,} {name}" for name, n in largest if n > 1)
