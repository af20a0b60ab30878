"""A level over the calls of a run: the evidence of a leak."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from refrace.display.numbers import short
from refrace.hunting.slopes import FEWEST_POINTS, SEGMENTS, Slope, slope_of

__all__ = ["LEAST", "LevelKind", "LevelSeries"]

LevelKind = Literal[
    "blocks", "heap", "traced", "references", "canaries", "type", "shared"
]

LEAST: dict[LevelKind, float] = {
    "blocks": 0.05,
    "heap": 16.0,
    "traced": 16.0,
    "references": 0.05,
    "canaries": 0.05,
    "type": 0.05,
    "shared": 0.05,
}
"""Growth per call that a clean result rules out.  A smaller leak is still reported if
its interval excludes zero."""


FEWEST_MOVED: dict[LevelKind, float] = {
    "blocks": 6,
    "heap": 1024,
    "traced": 1024,
    "references": 12,
    "canaries": 1,
    "type": 3,
    "shared": 3,
}
"""Growth in each segment of a series that counts: reading a level may itself cost or
free as much as a few blocks each time."""


@dataclass(frozen=True, slots=True)
class LevelSeries:
    """Levels read after batches of calls, each after a garbage collection.

    Attributes
    ----------
    kind : str
        ``"blocks"``, ``"heap"`` (memory from malloc), ``"traced"`` (memory from
        Python's allocators), ``"references"`` (all, on debug builds), ``"canaries"``,
        ``"type"`` (objects of one type) or ``"shared"`` (references to one object).
    name : str
        What was read.
    unit : str
        Unit of the levels, in the plural.
    calls, levels : tuple of int, shape (n,)
        Calls made before each level was read, and the level.
    total : int
        Growth of the level from a full collection before the series to one after it.
    calls_again, levels_again : tuple of int, shape (m,)
        A second, independent series, which confirms or refutes the first; empty if the
        first one did not move.
    total_again : int
        `total` of the second series.
    """

    kind: LevelKind
    name: str
    unit: str
    calls: tuple[int, ...]
    levels: tuple[int, ...]
    total: int
    calls_again: tuple[int, ...] = ()
    levels_again: tuple[int, ...] = ()
    total_again: int = 0

    @property
    def slope(self) -> Slope | None:
        """Growth per call; None with fewer than 9 levels."""
        return _slope(self.calls, self.levels)

    @property
    def slope_again(self) -> Slope | None:
        """Growth per call in the second series; None if there is none."""
        return _slope(self.calls_again, self.levels_again)

    @property
    def moves(self) -> bool:
        """Whether the first series grows or shrinks, so that a second one is due."""
        return self._is_steady(1) or self._is_steady(-1)

    @property
    def grows(self) -> bool:
        """Whether both series grow, and the second at least half as fast."""
        return self._moves_twice(1)

    @property
    def shrinks(self) -> bool:
        """Whether both series shrink, and the second at least half as fast."""
        return self._moves_twice(-1)

    def _moves_twice(self, sign: int) -> bool:
        one, two = self.slope, self.slope_again
        if one is None or two is None:
            return False
        again = LevelSeries(
            *(self.kind, self.name, self.unit, self.calls_again, self.levels_again),
            self.total_again,
        )
        return (
            self._is_steady(sign)
            and again._is_steady(sign)
            and sign * two.per_call >= sign * one.per_call / 2
        )

    def _is_steady(self, sign: int) -> bool:
        """Return whether the level moves up (1) or down (-1) and stays there.

        The full collection after the series must leave at least half of the movement.
        """
        slope = self.slope
        if slope is None or not (slope.grows if sign > 0 else slope.shrinks):
            return False
        calls = self.calls[-1] - self.calls[0]
        surely = slope.low if sign > 0 else -slope.high
        if surely * calls / SEGMENTS < FEWEST_MOVED[self.kind]:
            return False
        return sign * self.total >= sign * slope.per_call * calls / 2

    @property
    def is_settled(self) -> bool:
        """Whether the level did not move, up to the growth that a clean result allows.

        The second series decides if there is one.
        """
        slope = self.slope_again or self.slope
        if slope is None:
            return False
        calls = self.calls_again if self.slope_again else self.calls
        total = self.total_again if self.slope_again else self.total
        least = LEAST[self.kind]
        return slope.stays_below(least) or (
            # What grew was old garbage that only full collections take away.
            (slope.grows or slope.shrinks)
            and not (self.grows or self.shrinks)
            and abs(total) < least * (calls[-1] - calls[0])
        )

    @property
    def figure(self) -> str:
        """The growth per call with its interval, in words."""
        slope = self.slope
        if slope is None:
            return f"no slope from {len(self.levels)} levels"
        low, high = number(slope.low), number(slope.high)
        return f"{number(slope.per_call)} {self.unit} per call [{low}, {high}]"

    def _misfit(self) -> str | None:
        for name, calls, levels in (
            ("levels", self.calls, self.levels),
            ("levels_again", self.calls_again, self.levels_again),
        ):
            if len(calls) != len(levels):
                return f"{name} has {len(levels)} numbers for {len(calls)} of calls"
            if any(a >= b for a, b in itertools.pairwise(calls)):
                return f"the numbers of calls of {name} do not increase"
        return None


def number(value: float) -> str:
    """Return a slope as text: two decimals, more for small ones."""
    if value == 0:
        return "0"
    return f"{value:.2f}" if 0.1 <= abs(value) < 100 else short(value)


def _slope(calls: tuple[int, ...], levels: tuple[int, ...]) -> Slope | None:
    return slope_of(calls, levels) if len(calls) >= FEWEST_POINTS else None
