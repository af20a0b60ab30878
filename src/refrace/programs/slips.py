"""What people write who come from C, Python or a shell, and what they mean by it."""

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
    "wait": "await",
    "mutex": "lock",
    "def": "fn",
    "function": "fn",
    "object": "obj",
    "for": "repeat",
    "loop": "repeat",
    "malloc": "raw_new",
    "del": "decref",
    "yield": "gil",
    "else if": "else { if … }",
    "elif": "else { if … }",
}
"""For a word, what to write in its place."""

CURES = {
    "pass": "leave it out: a block or a thread may be empty",
    "continue": "turn the condition around and put the rest into an `if`",
    "fork": "begin the other thread with `T2:`; all threads start together",
    "spawn": "begin the other thread with `T2:`; all threads start together",
    "start": "begin the other thread with `T2:`; all threads start together",
    "thread": "write `T1:`, the name of the thread and a colon",
    "join": "write an `end:` block, which runs when all threads have ended, or set a "
    "cell there and `await` it here",
    "sleep": "leave it out: every order of steps is tried",
    "with": "write `lock L ; … ; unlock L`",
    "synchronized": "write `lock L ; … ; unlock L`",
    "print": "leave it out, or `assert` what should hold; a trace shows all values",
    "printf": "leave it out, or `assert` what should hold; a trace shows all values",
    "import": "leave it out: a program stands alone",
    "raise": "write `assert 1 == 0`",
    "throw": "write `assert 1 == 0`",
    "goto": "write `while`, `if` and `break`",
    "/": "begin a comment with `#`",
}
"""For a word that stands for no other word, what to do."""


class Slip(NamedTuple):
    """What is wrong, the cure, and which word it is about, counted from 0."""

    problem: str
    cure: str
    at: int


def in_method_call(words: list[str], operations: Collection[str]) -> Slip | None:
    """Return what is wrong with ``x.decref()``, None if it is no method call."""
    if words[1:2] != ["."] or words[3:4] != ["("]:
        return None
    name, method = words[0], words[2]
    op = SYNONYMS.get(method, method)
    does = op if op in operations else f"call {method}"
    cure = f"write `{does} {name}`"
    return Slip("an object has no methods", cure, 2)


def in_call(words: list[str], operations: Collection[str]) -> Slip | None:
    """Return what is wrong with ``decref(x)``, None if it is no call."""
    if words[1:2] != ["("]:
        return None
    name = words[0]
    op = SYNONYMS.get(name, name)
    operand = words[2] if words[2].isidentifier() else "…"
    if op in operations:
        return Slip("operands stand without parentheses", f"write `{op} {operand}`", 1)
    if name in CURES:
        return Slip("there is no step of this name", CURES[name], 0)
    argument = "" if operand == "…" else f" {operand}"
    return Slip(
        "operands stand without parentheses",
        f"write `call {name}{argument}` if it is a sub-program",
        1,
    )


def in_sum(
    target: str, words: list[str], cells: Collection[str], *, is_shared: bool
) -> Slip | None:
    """Return what is wrong with ``N = N + 1`` or ``n = N + 1``; `N` is a cell.

    `words` are those behind the ``=``; `is_shared` says whether `target` is a cell or a
    field.  None: it is no such sum.
    """
    if len(words) < 3 or words[0] not in cells or words[1] not in ("+", "-"):
        return None
    cell, operator, operand = words[:3]
    if not is_shared:
        cure = f"load it first: `{target} = {cell} ; {target} = {target} {operator} "
        return Slip("a sum is of locals and numbers", f"{cure}{operand}`", 0)
    cure = f"go through a local: `k = {cell} ; {target} = k {operator} {operand}`"
    if target == cell and operand == "1":
        atomic = "finc" if operator == "+" else "fdec"
        cure += f", or in one atomic step: `{atomic} {cell}`"
    return Slip("this would be two shared accesses in one statement", cure, 0)
