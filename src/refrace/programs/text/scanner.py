"""Cuts a program's text into pieces: statements, block openers and closers."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Piece", "scan"]

# One of ; { } or the text of a statement.
_CHUNK = re.compile(r"[;{}]|[^;{}]+")


class Piece(NamedTuple):
    """A statement (`mark` is ""), a block opener (`{`) or a closer (`}`).

    `text` is the statement, or the text before the `{`, stripped; `line` and
    `column` are where it begins, counted from 1.
    """

    text: str
    line: int
    column: int
    mark: str


def scan(text: str) -> list[Piece]:
    r"""Return the pieces of `text`; lines end at ``\n``."""
    pieces: list[Piece] = []
    for number, line in enumerate(text.split("\n"), 1):
        if "#" in line:
            line = line[: line.index("#")]
        if ";" in line or "{" in line or "}" in line:
            _cut(line, number, pieces)
        else:
            statement = line.strip()
            if statement:
                column = line.index(statement) + 1
                pieces.append(Piece(statement, number, column, ""))
    return pieces


def _cut(line: str, number: int, pieces: list[Piece]) -> None:
    """Cut a line that holds more than one statement, or a brace."""
    pending: Piece | None = None  # a statement that a `{` may turn into an opener
    for match in _CHUNK.finditer(line):
        chunk = match[0]
        if chunk == "{":
            opener = pending or Piece("", number, match.start() + 1, "")
            pieces.append(opener._replace(mark="{"))
            pending = None
            continue
        if pending is not None:
            pieces.append(pending)
            pending = None
        if chunk == "}":
            pieces.append(Piece("}", number, match.start() + 1, "}"))
        elif chunk != ";":
            statement = chunk.strip()
            if statement:
                column = match.start() + chunk.index(statement) + 1
                pending = Piece(statement, number, column, "")
    if pending is not None:
        pieces.append(pending)
