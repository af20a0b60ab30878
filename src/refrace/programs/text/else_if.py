"""`else if`: an `if` in the `else` of another, written without its braces."""

from __future__ import annotations

import re
from dataclasses import replace

from refrace.programs.syntax import Block, If, Statement

__all__ = ["ELSE_IF", "n_else_ifs", "with_else"]

ELSE_IF = re.compile(r"else\s+(?=if\b)")
"""The first word of an `else if`; the rest is read like an `if`."""


def n_else_ifs(before: Statement) -> int:
    """Return how many `else if` follow an `if`."""
    n = 0
    while isinstance(before, If) and before.otherwise:
        (before,) = before.otherwise
        n += 1
    return n


def with_else(before: Statement, otherwise: Block) -> If:
    """Return an `if`, with what follows it or the last `else if` behind it."""
    assert isinstance(before, If)
    if before.otherwise:
        (last,) = before.otherwise
        otherwise = (with_else(last, otherwise),)
    return replace(before, otherwise=otherwise)
