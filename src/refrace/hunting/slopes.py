"""The growth of a measured level per call, with an interval that survives caches.

A level (allocated blocks, traced bytes, a reference count) is read after every batch of
calls.  A leak raises it in every part of the run.  A cache that fills raises it in some
parts only, and noise raises it as often as it lowers it.  So the run is divided into
segments, and the interval is that of the sign test for the median of their slopes.  It
assumes no distribution, and a single step has no influence on it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from refrace.errors import InvalidArgument

__all__ = ["CONFIDENCE", "FEWEST_POINTS", "SEGMENTS", "Slope", "slope_of"]

CONFIDENCE = 0.99
"""Default confidence of an interval; it leaves room for many levels in one report."""

SEGMENTS = 12
"""Largest number of segments.  Then two outliers, one on each side, do not matter."""

FEWEST_SEGMENTS = 8
FEWEST_POINTS = FEWEST_SEGMENTS + 1
"""Fewer levels than these give no interval at the default confidence."""

_FALLEN_OFF = 0.5


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast a level grows.

    Attributes
    ----------
    per_call : float
        Median of the slopes of the segments: the unit of the level, per call.
    low, high : float
        The confidence interval of that median; infinite with too few levels.
    early, late : float
        Median slope of the first and of the last third of the segments.
    points : int
        Number of levels.
    """

    per_call: float
    low: float
    high: float
    early: float
    late: float
    points: int

    @property
    def falls_off(self) -> bool:
        """Whether growth has slowed to less than half, as that of a filling cache."""
        return self.early > 0 and self.late < _FALLEN_OFF * self.early

    @property
    def grows(self) -> bool:
        """Whether the level grows in all parts of the run at about the same rate."""
        return self.low > 0 and not self.falls_off

    @property
    def shrinks(self) -> bool:
        """Whether the level falls in all parts of the run."""
        return self.high < 0

    def stays_below(self, least: float) -> bool:
        """Return whether the whole interval is between `-least` and `least`."""
        return -least < self.low and self.high < least


def slope_of(
    calls: Sequence[float], levels: Sequence[float], confidence: float = CONFIDENCE
) -> Slope:
    """Estimate the slope of `levels` over `calls`.

    Parameters
    ----------
    calls : sequence of float, shape (n,)
        Number of calls made before each level was read; strictly increasing.
    levels : sequence of float, shape (n,)
        The levels, in any unit; n of 2 or more.
    confidence : float
        Least probability that the interval contains the median of the slopes of
        segments, if these are independent; 0 to 1, exclusive.  Default: 0.99.

    Returns
    -------
    Slope
        The slope and its interval, which is infinite if n is too small for the
        confidence: below 9 for the default.

    Raises
    ------
    InvalidArgument
        If the sequences differ in length, are too short, or `calls` does not increase.

    Notes
    -----
    A cache that fills at a constant rate during the whole run is not distinguishable
    from a leak.  A level that grows in few large steps, such as the bytes of a list,
    has slopes of zero between the steps; its interval is then wide and contains zero.

    References
    ----------
    P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA
    63, 1968, for the slope of a segment.

    Examples
    --------
    >>> from refrace.hunting.slopes import slope_of
    >>> calls = range(0, 2500, 100)
    >>> leak = slope_of(calls, [7 + 0.5 * n for n in calls])
    >>> leak.per_call, leak.low, leak.grows
    (0.5, 0.5, True)
    >>> slope_of(calls, [min(n, 400) for n in calls]).grows
    False
    """
    _check(calls, levels)
    parts = min(SEGMENTS, len(calls) - 1)
    bounds = [round(i * (len(calls) - 1) / parts) for i in range(parts + 1)]
    slopes = [
        _theil_sen(calls[first : last + 1], levels[first : last + 1])
        for first, last in pairwise(bounds)
    ]
    ordered = sorted(slopes)
    rank = _rank(parts, confidence)
    third = max(1, parts // 3)
    return Slope(
        per_call=statistics.median(ordered),
        low=ordered[rank - 1] if rank else -math.inf,
        high=ordered[-rank] if rank else math.inf,
        early=statistics.median(slopes[:third]),
        late=statistics.median(slopes[-third:]),
        points=len(calls),
    )


def _check(calls: Sequence[float], levels: Sequence[float]) -> None:
    if len(calls) != len(levels):
        raise InvalidArgument(
            f"calls has {len(calls)} numbers and levels has {len(levels)}; pass one "
            "level for each number of calls"
        )
    if len(calls) < 2:
        raise InvalidArgument(
            f"levels has {len(levels)} numbers; a slope needs 2 or more"
        )
    for i in range(1, len(calls)):
        if not calls[i - 1] < calls[i]:
            raise InvalidArgument(
                f"calls[{i}]={calls[i]!r} is not larger than calls[{i - 1}]="
                f"{calls[i - 1]!r}; pass the numbers of calls in increasing order"
            )


def _theil_sen(calls: Sequence[float], levels: Sequence[float]) -> float:
    """Return the median slope of all pairs of points."""
    return statistics.median(
        (levels[j] - levels[i]) / (calls[j] - calls[i])
        for i, j in combinations(range(len(calls)), 2)
    )


def _rank(parts: int, confidence: float) -> int:
    """Return the rank, from 1, of the bounds among sorted slopes; 0 if there is none.

    The median is outside of the k-th smallest and the k-th largest of n independent
    values with probability ``2 * P(Binomial(n, 1/2) < k)``.
    """
    rank, outside = 0, 0.0
    while True:
        outside += 2 * math.comb(parts, rank) / 2**parts
        if outside > 1 - confidence:
            return rank
        rank += 1
