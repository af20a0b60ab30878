"""Common mistakes of users of C, Python or a shell, and their corrections."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

__all__ = ["CURES", "SYNONYMS", "Slip", "in_call", "in_method_call", "in_sum"]

SYNONYMS = {
    "NULL": "null",
    "None": "null",
    "nil": "null",
    "nullptr": "null",
    "True": "1",
    "true": "1",
    "False": "0",
    "false": "0",
    "Py_INCREF": "incref",
    "Py_XINCREF": "incref",
    "Py_NewRef": "incref",
    "Py_DECREF": "decref",
    "Py_XDECREF": "decref",
    "Py_CLEAR": "decref",
    "load": "x = S",
    "store": "S = x",
    "acquire": "lock",
    "release": "unlock",
    "mutex": "lock",
    "def": "fn",
    "function": "fn",
    "object": "obj",
    "for": "repeat",
    "loop": "repeat",
    "del": "decref",
    "yield": "gil",
    "else if": "else { if … }",
    "elif": "else if c {",
}
"""For a word, what to write instead."""

CURES = {
    "pass": "remove it: a block or a thread may be empty",
    "continue": "invert the condition and put the rest into an `if`",
    "fork": "begin the other thread with `T2:`; all threads start together",
    "spawn": "begin the other thread with `T2:`; all threads start together",
    "start": "begin the other thread with `T2:`; all threads start together",
    "thread": "write `T1:`, the name of the thread and a colon",
    "join": "write an `end:` block, which runs after all threads have ended, or set a "
    "cell in the other thread and `await` it here",
    "sleep": "remove it: every order of steps is explored",
    "with": "write `lock L ; … ; unlock L`",
    "synchronized": "write `lock L ; … ; unlock L`",
    "print": "remove it, or `assert` what should hold; a trace shows all values",
    "printf": "remove it, or `assert` what should hold; a trace shows all values",
    "import": "remove it: a program is self-contained",
    "raise": "write `assert 1 == 0`",
    "throw": "write `assert 1 == 0`",
    "goto": "write `while`, `if` and `break`",
    "/": "begin a comment with `#`",
}
"""For a word without a direct equivalent, what to do."""


class Slip(NamedTuple):
    """The problem, the cure, and the index of the word at fault, from 0."""

    problem: str
    cure: str
    at: int


def in_method_call(words: list[str], operations: Collection[str]) -> Slip | None:
    """Return the problem of ``x.decref()``; None if it is not a method call."""
    if words[1:2] != ["."] or words[3:4] != ["("]:
        return None
    name, method = words[0], words[2]
    op = SYNONYMS.get(method, method)
    does = op if op in operations else f"call {method}"
    cure = f"write `{does} {name}`"
    return Slip("an object has no methods", cure, 2)


def in_call(words: list[str], operations: Collection[str]) -> Slip | None:
    """Return the problem of ``decref(x)``; None if it is not a call."""
    if words[1:2] != ["("]:
        return None
    name = words[0]
    op = SYNONYMS.get(name, name)
    operand = words[2] if words[2].isidentifier() else "…"
    if op in operations:
        return Slip(
            "operands are written without parentheses", f"write `{op} {operand}`", 1
        )
    if name in CURES:
        return Slip("unknown step", CURES[name], 0)
    argument = "" if operand == "…" else f" {operand}"
    return Slip(
        "operands are written without parentheses",
        f"write `call {name}{argument}` if it is a sub-program",
        1,
    )


def in_sum(
    target: str, words: list[str], cells: Collection[str], *, is_shared: bool
) -> Slip | None:
    """Return the problem of ``N = N + 1`` or ``n = N + 1``, where `N` is a cell.

    `words` are those after the ``=``; `is_shared` says whether `target` is a cell or a
    field.  None if it is not such a sum.
    """
    if len(words) < 3 or words[0] not in cells or words[1] not in ("+", "-"):
        return None
    cell, operator, operand = words[:3]
    if not is_shared:
        cure = f"load it first: `{target} = {cell} ; {target} = {target} {operator} "
        return Slip("a sum takes only locals and numbers", f"{cure}{operand}`", 0)
    cure = f"use a local: `k = {cell} ; {target} = k {operator} {operand}`"
    if target == cell and operand == "1":
        atomic = "finc" if operator == "+" else "fdec"
        cure += f", or in one atomic step: `{atomic} {cell}`"
    return Slip("this would be two shared accesses in one statement", cure, 0)
