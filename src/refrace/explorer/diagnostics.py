"""The places of statements in errors, and the operations that a mode lacks."""

from __future__ import annotations

from typing import Any, TypeAlias

from refrace.catalogue.mode import Mode, known_modes, modes
from refrace.errors import InvalidProgram
from refrace.programs import Program
from refrace.programs.faults import invalid
from refrace.programs.steps import OPERATIONS
from refrace.programs.syntax import (
    Declaration,
    Function,
    Statement,
    Step,
    Thread,
    walk,
)
from refrace.programs.text.printer import node_text

__all__ = ["check_operations", "invalid_at", "not_a_program", "sections_of"]

Node: TypeAlias = Statement | Declaration | Thread | Function

Placed: TypeAlias = tuple[str | None, Node]
"""The name of a section (None outside of all sections), and a node in it."""

MOST_MODES_NAMED = 3


def sections_of(program: Program) -> list[Placed]:
    """Return every statement, in the order in which the core numbers them."""
    sections = [(f"thread {node.name}", node.body) for node in program.threads]
    sections.append(("the end block", program.end))
    sections += [(f"fn {node.name}", node.body) for node in program.functions]
    return [(name, node) for name, body in sections for node in walk(body)]


def invalid_at(
    program: Program,
    place: Placed | None,
    problem: str,
    cure: str,
    kind: type[InvalidProgram] = InvalidProgram,
) -> InvalidProgram:
    """Return the error of a statement, with its place in the source text.

    If the program was not read from one text, the place is the section.
    """
    has_lines, file = program._positions
    section, node = place or (None, None)
    found = invalid(
        problem,
        text="" if node is None else node_text(node),
        line=node.line if node is not None and has_lines else None,
        column=node.column if node is not None and has_lines else None,
        section=section,
        cure=cure,
        kind=kind,
    )
    return found if file is None else found.in_file(file)


def check_operations(program: Program, mode: Mode) -> None:
    """Reject a program that does with the count what the mode does not have.

    It may use the count as one word where the mode has no such word, or change the
    whole count.

    Raises
    ------
    InvalidProgram
        With the place of the first such statement, and what to use instead.
    """
    if mode.has_operations_of(program):
        return
    place = next(
        (section, node)
        for section, node in sections_of(program)
        if isinstance(node, Step) and _is_refused(node.op, mode)
    )
    step = place[1]
    assert isinstance(step, Step)
    if step.op in _WHOLE_COUNT:
        raise _without_whole_count(program, place, step.op, mode)
    does, instead = _COUNT_WORD[step.op]
    wholes = [
        one.name for one in modes() if one.has_count_word and one.claim == "correct"
    ]
    more = ", …" if len(wholes) > MOST_MODES_NAMED else ""
    named = ", ".join(wholes[:MOST_MODES_NAMED])
    raise invalid_at(
        program,
        place,
        f"{does}; in {mode.name!r} the count is not a single word",
        f"use {instead}, or a mode whose count is one word: {named}{more}",
    )


def _is_refused(op: str, mode: Mode) -> bool:
    row = OPERATIONS[op]
    if row.changes_whole_count:
        return op not in mode.whole_count
    return row.needs_count_word and not mode.has_count_word


def _without_whole_count(
    program: Program, place: tuple[Any, Any], op: str, mode: Mode
) -> InvalidProgram:
    does, instead = _WHOLE_COUNT[op]
    able = [
        one.name for one in modes() if op in one.whole_count and one.claim == "correct"
    ]
    named = ", ".join(able)
    return invalid_at(
        program,
        place,
        f"{does}, which {mode.name!r} does not have",
        f"use a mode that has it: {named}; or {instead}",
    )


_WHOLE_COUNT = {
    "immortalise": (
        "makes an object immortal",
        "keep the object alive by a reference that is never dropped",
    ),
    "merge": (
        "merges the counts of an owner and of other threads",
        "leave it out: an object has one count",
    ),
    "enable_try": (
        "enables attempts to count an object",
        "leave it out: every object can be tried",
    ),
}

_COUNT_WORD = {
    "rc": ("reads the count as one word", "incref, decref or unique"),
    "setrc": ("writes the count as one word", "incref and decref"),
    "casrc": ("exchanges the count as one word", "try_incref"),
    "incfetch": ("adds to the count as one word", "incref"),
    "decfetch": ("subtracts from the count as one word", "decref"),
}


def not_a_program(value: Any, mode: Any) -> str:
    """Return the problem if a mode was passed as a program, else ""."""
    name = value.name if isinstance(value, Mode) else value
    if not isinstance(name, str) or name not in known_modes():
        return ""
    is_swapped = isinstance(mode, Program) or (isinstance(mode, str) and ":" in mode)
    what = "the two are swapped" if is_swapped else "the program comes first"
    cure = f"write explore(program, {name!r})"
    return f"program={name!r} is the name of a mode; {what}: {cure}"
