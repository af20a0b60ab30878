"""Median and quartiles: the summary of noisy measurements."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of measurements, in their unit.

    Attributes
    ----------
    median, low, high : float
        The median, the first and the third quartile.
    n : int
        Number of measurements; at least 1.
    """

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise `values`, shape (n,) with n of 1 or more."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high, len(values))
