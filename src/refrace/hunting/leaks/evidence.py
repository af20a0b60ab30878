"""From rows of levels to series: all meters, and of the others those that move."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from refrace.hunting.leaks.measuring import Levels
from refrace.hunting.leaks.meters import Meter
from refrace.hunting.leaks.series import LevelKind, LevelSeries

__all__ = ["again", "levels_to_series"]


def levels_to_series(
    levels: Levels, meters: Sequence[Meter], shared: Mapping[str, Any]
) -> list[LevelSeries]:
    """Return a series for each meter, and for each type and shared object that moves.

    A type with fewer and fewer objects is left out: that is memory given back.
    """
    n = levels.points
    calls = tuple(levels.calls[:n])
    rows = list(zip(levels.rows, levels.total.tolist(), strict=True))
    found = [
        LevelSeries(meter.kind, meter.name, meter.unit, calls, tuple(row[:n]), total)
        for meter, (row, total) in zip(meters, rows, strict=False)
    ]
    ends = calls[:: levels.plan.points_in_segment]
    for name, row in _types(levels, len(ends)):
        total = levels.types_total.get(name, 0)
        series = _moving("type", name, "objects", ends, row, total)
        if series is not None and series.levels[-1] > series.levels[0]:
            found.append(series)
    for name, (row, total) in zip(shared, rows[len(meters) :], strict=True):
        series = _moving("shared", name, "references", calls, row[:n], total)
        if series is not None:
            found.append(series)
    return found


def _types(levels: Levels, points: int) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the growth of the objects of each type, summed over the segments."""
    if levels.before is None or levels.after is None:
        return
    for name, after in levels.after.levels.items():
        before = levels.before.levels.get(name, array("q", bytes(8 * len(after))))
        grown = [b - a for a, b in zip(before, after, strict=True)]
        yield name, [0, *accumulate(grown[: points - 1])]


def _moving(
    kind: LevelKind,
    name: str,
    unit: str,
    calls: tuple[int, ...],
    row: Sequence[int],
    total: int,
) -> LevelSeries | None:
    levels = tuple(row)
    if len(levels) < 2 or levels[0] == levels[-1]:
        return None
    series = LevelSeries(kind, name, unit, calls, levels, total)
    return series if series.moves else None


def again(
    first: Sequence[LevelSeries], second: Sequence[LevelSeries]
) -> list[LevelSeries]:
    """Return the first series, each with its repetition; drop what did not repeat.

    A meter stays in any case.  A type or a shared object stays only if it moved again,
    and in the same direction.
    """
    repeated = {(each.kind, each.name): each for each in second}
    found = []
    for each in first:
        other = repeated.get((each.kind, each.name))
        if other is not None:
            each = dataclasses.replace(
                each,
                calls_again=other.calls,
                levels_again=other.levels,
                total_again=other.total,
            )
        if each.kind not in ("type", "shared") or each.grows or each.shrinks:
            found.append(each)
    return found
