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
from types import MappingProxyType
from typing import Any, TypeVar

from hypothesis import strategies as st

from refrace.strategies.focus import Accepted, possible_groups
from refrace.subjects import CanaryArgument

__all__ = ["Drawing", "current", "drawing", "pick"]

T = TypeVar("T")

# How many canaries of its own a parameter has; None is one that shares all with others.
_SHARING = (None, 1, 2, 1_000)

# Whether an argument is of the group of its parameter.
_MOSTLY = (True, True, True, False)

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
    parameter : str
        The parameter whose argument is being drawn; empty outside of arguments.
    accepted : mapping of str to tuple of str
        For each parameter, the groups of arguments that calls have taken.
    """

    def __init__(
        self, random: Random | None = None, accepted: Accepted = MappingProxyType({})
    ) -> None:
        self.random = random
        self.accepted = accepted
        self.canaries: list[CanaryArgument] = []
        self.containers: list[Any] = []
        self.needs_reentries = False
        self.parameter = ""
        self._sharing: dict[str, int | None] = {}
        self._named: dict[str, list[CanaryArgument]] = {}
        self._groups: dict[str, str | None] = {}

    def group(self, draw: Any) -> str | None:
        """Choose the group of an argument; None is values of all kinds.

        Most arguments of a parameter are of one group in a program, so that its calls
        together do something.
        """
        if self.parameter not in self._groups:
            known = self.accepted.get(self.parameter, ())
            self._groups[self.parameter] = pick(
                draw, possible_groups(self.parameter, known)
            )
        chosen = self._groups[self.parameter]
        return chosen if chosen and pick(draw, _MOSTLY) else None

    def canary(self, draw: Any, supports: frozenset[str]) -> CanaryArgument:
        """Choose a placeholder of earlier arguments, or make a new one.

        A bug often needs equal arguments in one place, such as a key, and an object
        that stands nowhere else in another, such as the value.  So each name of a
        parameter has its own way to choose, the same in all operations.
        """
        own = self._named.setdefault(self.parameter, [])
        mine = [one for one in own if one.supports == supports]
        if self.parameter not in self._sharing:
            self._sharing[self.parameter] = pick(draw, _SHARING)
        most = self._sharing[self.parameter]
        # The simplest choice is the first canary there is: equal arguments.
        options: list[CanaryArgument | None]
        if most is None:
            alike = self.alike(supports)
            options = [*alike, *[None] * max(1, len(alike))]
        else:
            options = [None] if len(mine) < most else [*mine]
        chosen = pick(draw, options)
        if chosen is None:
            chosen = CanaryArgument(len(self.canaries), supports)
            self.canaries.append(chosen)
        if all(one is not chosen for one in own):
            own.append(chosen)
        return chosen

    @contextmanager
    def renumbered(self, numbers: Mapping[int, int]) -> Iterator[None]:
        """Give placeholders other numbers inside this block."""
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
def drawing(
    random: Random | None = None, accepted: Accepted = MappingProxyType({})
) -> Iterator[Drawing]:
    """Draw a program: strategies make placeholders inside this block."""
    token = _current.set(Drawing(random, accepted))
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
