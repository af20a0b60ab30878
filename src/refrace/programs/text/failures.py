"""Raises the errors of the parser, with the place of a piece of the text."""

from __future__ import annotations

from typing import NoReturn

from refrace.programs.faults import invalid
from refrace.programs.text.scanner import Piece
from refrace.programs.text.tokens import Malformed

__all__ = ["fail", "fail_at"]


def fail(piece: Piece, problem: str, cure: str, text: str = "") -> NoReturn:
    """Raise InvalidProgram about a piece, or about `text` at its beginning."""
    raise invalid(
        problem,
        text=text or piece.text,
        line=piece.line,
        column=piece.column,
        cure=cure,
    )


def fail_at(piece: Piece, problem: Malformed) -> NoReturn:
    """Raise InvalidProgram about a word of a piece."""
    raise invalid(
        problem.problem,
        text=problem.text,
        line=piece.line,
        column=piece.column + problem.offset,
        cure=problem.cure,
    ) from None
