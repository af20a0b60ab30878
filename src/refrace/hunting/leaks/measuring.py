"""Read levels after equal batches of calls, without adding to them."""

from __future__ import annotations

import gc
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from refrace.hunting.caches import clear_caches
from refrace.hunting.leaks.calling import Caller
from refrace.hunting.leaks.meters import Meter
from refrace.hunting.leaks.types import TypeLevels

__all__ = ["MOST_CALLS", "Levels", "Plan", "measure", "old_objects_left_out", "plan_of"]

POINTS = (37, 25, 13)
"""Numbers of levels in a series: 12 segments of three batches, of two, or of one.

A collection takes time, so there may be none for many.  Types are counted at the ends
of segments only.
"""
SEGMENTS = 12
FROZEN_AT_START = 1000
"""More frozen objects than any interpreter starts with; Python 3.12 has some 400."""
MOST_CALLS = 20_000
"""Calls in a series if nothing else limits them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a series is.

    Attributes
    ----------
    cycles : int
        Cycles through the sets of arguments between two levels.
    points : int
        Number of levels.
    deadline : float
        The monotonic time at which the series ends in any case.
    """

    cycles: int
    points: int
    deadline: float

    @property
    def points_in_segment(self) -> int:
        """Points from the end of a segment to the end of the next one."""
        return (self.points - 1) // SEGMENTS


class Levels:
    """What one series has read; only the first `points` of each row count.

    A level is corrected by what grew outside of the calls: between two segments, where
    progress is shown, all levels are read a second time, and the difference is an
    offset from then on.  All rows are allocated at once, and reading a level allocates
    nothing that stays.

    Attributes
    ----------
    calls : array of int
        Calls made before each point.
    rows : list of array of int
        A row for each meter, then one for each shared object.
    total : array of int
        Growth of each row from a full collection before the series to one after it.
    before, after : TypeLevels or None
        Objects by type at the begin and at the end of each segment.
    types_total : dict of str to int
        Like `total`, by type.
    """

    def __init__(
        self, plan: Plan, meters: Sequence[Meter], objects: Sequence[Any], types: bool
    ) -> None:
        self.plan = plan
        self.meters = meters
        self.objects = objects
        n = len(meters) + len(objects)
        self.calls = array("q", bytes(8 * plan.points))
        self.rows = [array("q", bytes(8 * plan.points)) for _ in range(n)]
        self.offsets = array("q", bytes(8 * n))
        self.total = array("q", bytes(8 * n))
        self.before = TypeLevels(SEGMENTS) if types else None
        self.after = TypeLevels(SEGMENTS) if types else None
        self.types_total: dict[str, int] = {}
        self.points = 0

    def _now(self) -> Iterator[tuple[int, int]]:
        for i, meter in enumerate(self.meters):
            yield i, meter.read()
        for i, obj in enumerate(self.objects, len(self.meters)):
            yield i, sys.getrefcount(obj)

    def read(self) -> None:
        """Store the levels as the next point."""
        # With the same objects alive as in `skip`: the number of calls comes later.
        point = self.points
        every = self.plan.points_in_segment
        if point and point % every == 0:
            self._read_types(self.after, point // every - 1)
        _settle()
        for i, level in self._now():
            self.rows[i][point] = level - self.offsets[i]
        self.points = point + 1

    def skip(self) -> None:
        """Leave out what happened since the last point."""
        point = self.points - 1
        segment = point // self.plan.points_in_segment
        if segment < SEGMENTS:
            self._read_types(self.before, segment)
        _settle()
        for i, level in self._now():
            self.offsets[i] = level - self.rows[i][point]

    def _read_types(self, types: TypeLevels | None, segment: int) -> None:
        # Before the other levels: a full collection then empties the free lists, whose
        # objects count as allocated.
        if types is not None:
            gc.collect()
            types.read(segment)

    def add_to_total(self, sign: int) -> None:
        """Add all levels after a full collection to the totals, or subtract them."""
        _settle()
        for i, level in self._now():
            self.total[i] += sign * level

    def prime(self) -> None:
        """Make the rows of all types that exist, before the first level counts."""
        for types in (self.before, self.after):
            if types is not None:
                types.read(0)


def _settle() -> None:
    """Empty what the interpreter keeps for speed, and collect garbage."""
    clear_caches()
    gc.collect()


def plan_of(caller: Caller, cycle_s: float, seconds: float, most: int) -> Plan:
    """Return the plan of a series that takes about `seconds` and `most` calls."""
    with old_objects_left_out():
        began = time.monotonic()
        gc.collect()
        reading_s = 2 * (time.monotonic() - began)
    points = next(
        (n for n in POINTS if n * (reading_s + cycle_s) < seconds), POINTS[-1]
    )
    by_time = (seconds / (points - 1) - reading_s) / cycle_s
    by_calls = most / ((points - 1) * len(caller.sets))
    cycles = max(1, int(min(by_time, by_calls)))
    return Plan(cycles, points, time.monotonic() + 3 * seconds)


@contextmanager
def old_objects_left_out() -> Iterator[None]:
    """Let collections and counts of types visit only objects made from now on.

    That is quicker by far.  An old object that becomes cyclic garbage meanwhile stays,
    which looks like growth; hence the full collections before and after a series.
    """
    if gc.get_freeze_count() > FROZEN_AT_START:
        yield  # the program froze objects, and nothing unfreezes a part of them
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def measure(
    caller: Caller,
    plan: Plan,
    meters: Sequence[Meter],
    shared: Mapping[str, Any],
    *,
    types: bool,
    step: Callable[[int, int], None],
    at_end: Callable[[], None] = lambda: None,
) -> Levels:
    """Run a series; it ends early at the deadline of the plan.

    `at_end` is called while the collector knows new objects only.
    """
    levels = Levels(plan, meters, list(shared.values()), types)
    whole = TypeLevels(2)
    start = caller.made
    levels.prime()
    if types:
        gc.collect()
        whole.read(0)
    levels.add_to_total(-1)
    with old_objects_left_out():
        levels.prime()
        levels.read()
        levels.skip()
        while levels.points < plan.points and time.monotonic() < plan.deadline:
            caller.cycle(plan.cycles)
            levels.read()
            levels.calls[levels.points - 1] = caller.made - start
            if (levels.points - 1) % plan.points_in_segment == 0:
                step(levels.points, plan.points)
                levels.skip()
        at_end()
    levels.add_to_total(1)
    if types:
        whole.read(1)
        levels.types_total = {n: row[1] - row[0] for n, row in whole.levels.items()}
    return levels
