"""What has been drawn for one program of a hunt so far.

A strategy for canaries makes real ones in an ordinary test.  While a program of a hunt
is drawn, it makes placeholders instead, which are numbered here: the hunt makes new
canaries for each round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from refrace.subjects import CanaryArgument

__all__ = ["Drawing", "current", "drawing", "pick"]

T = TypeVar("T")

_current: ContextVar[Drawing | None] = ContextVar("refrace drawing", default=None)


class Drawing:
    """The placeholders and containers of one program.

    Attributes
    ----------
    canaries : list of CanaryArgument
        The canaries, by number.
    containers : list of object
        Containers that may be used once more, in another place.
    needs_reentries : bool
        Whether a drawn callback or class calls the subject.
    random : Random or None
        Decides on the shape of the program, if Hypothesis does not.  It is much faster,
        and its choices are evenly distributed; Hypothesis prefers small and repeated
        ones, and shrinks them.
    """

    def __init__(self, random: Random | None = None) -> None:
        self.random = random
        self.canaries: list[CanaryArgument] = []
        self.containers: list[Any] = []
        self.needs_reentries = False

    def new_canary(self, supports: frozenset[str]) -> CanaryArgument:
        """Return a new placeholder."""
        made = CanaryArgument(len(self.canaries), supports)
        self.canaries.append(made)
        return made

    @contextmanager
    def renumbered(self, numbers: Mapping[int, int]) -> Iterator[None]:
        """Give placeholders other numbers inside of this block."""
        for number, placeholder in enumerate(self.canaries):
            placeholder.number = numbers.get(number, number)
        try:
            yield
        finally:
            for number, placeholder in enumerate(self.canaries):
                placeholder.number = number

    def alike(self, supports: frozenset[str]) -> list[CanaryArgument]:
        """Return the placeholders with exactly these protocols."""
        return [one for one in self.canaries if one.supports == supports]


@contextmanager
def drawing(random: Random | None = None) -> Iterator[Drawing]:
    """Draw a program: strategies make placeholders inside of this block."""
    token = _current.set(Drawing(random))
    try:
        made = _current.get()
        assert made is not None
        yield made
    finally:
        _current.reset(token)


def pick(draw: Any, options: Sequence[T]) -> T:
    """Choose one of `options`; the first is the simplest."""
    drawn = _current.get()
    if drawn is not None and drawn.random is not None:
        return drawn.random.choice(options)
    return draw(st.sampled_from(options))  # type: ignore[no-any-return]


def current() -> Drawing | None:
    """Return what is being drawn for a hunt; None in an ordinary test."""
    return _current.get()
