"""Cuts a program's text into pieces: statements, block openers and closers."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Piece", "scan"]

# A comment, a line's end, one of ; { } or the text of a statement.
_CHUNK = re.compile(r"#[^\n]*|[\n;{}]|[^\n;{}#]+")


class Piece(NamedTuple):
    """A statement (`mark` is ""), a block opener (`{`) or a closer (`}`).

    `text` is the statement, or what stands before the `{`, stripped; `line` and
    `column` are where it begins, counted from 1.
    """

    text: str
    line: int
    column: int
    mark: str


def scan(text: str) -> list[Piece]:
    r"""Return the pieces of `text`; lines end at ``\n``."""
    pieces: list[Piece] = []
    add = pieces.append
    line, line_start = 1, 0
    pending: Piece | None = None  # a statement that a `{` may turn into an opener
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        if chunk == "\n":
            if pending is not None:
                add(pending)
                pending = None
            line += 1
            line_start = match.end()
        elif chunk == ";":
            if pending is not None:
                add(pending)
                pending = None
        elif chunk == "{":
            if pending is not None:
                add(pending._replace(mark="{"))
                pending = None
            else:
                add(Piece("", line, match.start() - line_start + 1, "{"))
        elif chunk == "}":
            if pending is not None:
                add(pending)
                pending = None
            add(Piece("}", line, match.start() - line_start + 1, "}"))
        elif chunk[0] != "#":
            stripped = chunk.strip()
            if stripped:
                indent = len(chunk) - len(chunk.lstrip())
                column = match.start() - line_start + 1 + indent
                pending = Piece(stripped, line, column, "")
    if pending is not None:
        add(pending)
    return pieces
