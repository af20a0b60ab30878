"""A move: a way to extend a body of a generated program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from refrace.strategies.body import Body

__all__ = ["Move", "when_nested"]


@dataclass(frozen=True)
class Move:
    """One row of a table of moves.

    Attributes
    ----------
    do : callable
        Appends the move to a body.
    when : callable
        Returns whether the move is legal there.
    feature : str or None
        The feature that it belongs to; None if every program may use it.
    """

    do: Callable[[Body], None]
    when: Callable[[Body], object]
    feature: str | None = None


def when_nested(ask: Callable[[Body], object]) -> Callable[[Body], bool]:
    """Return the condition of a move that opens a block and also needs `ask`."""
    return lambda body: body.may_nest() and bool(ask(body))
