"""A rule: a way to extend a body of a generated program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from refrace.strategies.body import Body

__all__ = ["Rule", "when_nested"]


@dataclass(frozen=True)
class Rule:
    """One row of a table of rules.

    Attributes
    ----------
    do : callable
        Appends statements to a body.
    when : callable
        Returns whether the rule applies there.
    feature : str or None
        The feature that it belongs to; None if every program may use it.
    """

    do: Callable[[Body], None]
    when: Callable[[Body], object]
    feature: str | None = None


def when_nested(ask: Callable[[Body], object]) -> Callable[[Body], bool]:
    """Return the condition of a rule that opens a block and also needs `ask`."""
    return lambda body: body.may_nest() and bool(ask(body))
