"""A move: something that a body of a generated program can be continued with."""

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
        Appends it to a body.
    when : callable
        Says whether it is legal there.
    feature : str or None
        The feature that it belongs to; None for what every program may do.
    """

    do: Callable[[Body], None]
    when: Callable[[Body], object]
    feature: str | None = None


def when_nested(ask: Callable[[Body], object]) -> Callable[[Body], bool]:
    """Return the condition of a move that opens a block, and needs `ask` too."""
    return lambda body: body.may_nest() and bool(ask(body))
