"""One row of growth: the figures for one number of operations."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["GrowthRow"]


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """The figures for one number of operations.

    Attributes
    ----------
    operations : int
        Increments and decrements of each thread.
    states, interleavings : int
        What there is to explore, and how many runs that stands for; exact.
    probability : Fraction
        Of corruption, if each step is taken by one of the threads that can go on, all
        with equal chances; exact.
    natural_rounds, widened_rounds : int
        Rounds on real threads with a known outcome; 0 if there were none.
    natural_corrupt, widened_corrupt : int
        Those with corruption.
    natural_overlap : float
        Share of the time of natural rounds in which at least two threads were active,
        0 to 1; threads that do not meet hardly go wrong.
    """

    operations: int
    states: int
    interleavings: int
    probability: Fraction
    natural_rounds: int
    natural_corrupt: int
    natural_overlap: float
    widened_rounds: int
    widened_corrupt: int

    def _misfit(self) -> str | None:
        if not 0 <= self.probability <= 1:
            return "the probability is not from 0 to 1"
        if self.natural_corrupt > self.natural_rounds:
            return "more natural rounds were corrupt than there were"
        if self.widened_corrupt > self.widened_rounds:
            return "more widened rounds were corrupt than there were"
        return None

    def frequency(self, gaps: Literal["natural", "widened"]) -> float | None:
        """Return the share of rounds with corruption; None without rounds."""
        rounds: int = getattr(self, f"{gaps}_rounds")
        corrupt: int = getattr(self, f"{gaps}_corrupt")
        return corrupt / rounds if rounds else None
