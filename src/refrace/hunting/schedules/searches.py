"""The search of a strategy."""

from __future__ import annotations

from refrace.hunting.schedules.foreseeing import Foreseeing
from refrace.hunting.schedules.search import (
    Bounded,
    Pct,
    RandomWalk,
    Search,
    Strategy,
)

__all__ = ["search_of"]


def search_of(
    strategy: Strategy, preemptions: int, seed: int, reduction: bool = True
) -> Search:
    """Return the search of a strategy.

    Parameters
    ----------
    strategy : {"bounded", "random", "pct"}
    preemptions : int
        The bound of "bounded"; the depth of "pct" less one.
    seed : int
        Of "random" and "pct".
    reduction : bool
        For "bounded": whether schedules are tried once that differ in what commutes.
    """
    if strategy == "bounded":
        return Foreseeing(preemptions) if reduction else Bounded(preemptions)
    if strategy == "random":
        return RandomWalk(seed)
    return Pct(seed, preemptions + 1)
