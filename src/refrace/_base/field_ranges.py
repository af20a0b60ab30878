"""The valid ranges of numbers in stored results; the decoder enforces them."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["RANGES", "Range", "range_of"]


class Range(NamedTuple):
    """The smallest and the largest value of a field, or of its items."""

    low: float
    high: float


_LARGEST = 2**63 - 1

_COUNT = Range(0, _LARGEST)
_POSITIVE = Range(1, _LARGEST)
_SIGNED = Range(-_LARGEST - 1, _LARGEST)
_HISTORY = Range(1, 15)
_SEED = Range(0, 2**64 - 1)
_SHARE = Range(0, 1)
# Seconds and ratios of seconds; no measurement gives larger values.
_MEASURED = Range(0, 1e18)
_CHANGE = Range(-1e18, 1e18)
# Exact counts without a limit; Python prints no more digits than these.
_EXACT = Range(0, 10**4300 - 1)

RANGES = {
    "AppendReport.seed": _SEED,
    "AppendReport.threads": _POSITIVE,
    "CanarySpec.value": Range(-(2**62), 2**62),
    "Change.after": _SIGNED,
    "Change.before": _SIGNED,
    "ComparisonRow.overlap": _SHARE,
    "ComparisonRow.settled": _POSITIVE,
    "ComparisonRow.threads": _POSITIVE,
    "CostFigure.overlap": _SHARE,
    "CostFigure.threads": _POSITIVE,
    "CountSplit.local": _SIGNED,
    "CountSplit.shared": _SIGNED,
    "DeadlockReport.threads": _POSITIVE,
    "Environment.cores": _POSITIVE,
    "Exploration.history": _HISTORY,
    "Exploration.interleavings": _EXACT,
    "LeakReport.argument_sets": _POSITIVE,
    "LeakReport.seed": _SEED,
    "LeakingArguments.per_call": _CHANGE,
    "LevelSeries.levels": _SIGNED,
    "LevelSeries.levels_again": _SIGNED,
    "LevelSeries.total": _SIGNED,
    "LevelSeries.total_again": _SIGNED,
    "Outcome.interleavings": _EXACT,
    "Growth.seed": _SEED,
    "Growth.threads": _POSITIVE,
    "GrowthRow.interleavings": _EXACT,
    "GrowthRow.natural_overlap": _SHARE,
    "GrowthRow.operations": _POSITIVE,
    "HuntFinding.interval": _SHARE,
    "HuntFinding.rate": _SHARE,
    "HuntFinding.rounds": _POSITIVE,
    "HuntFinding.threads": _POSITIVE,
    "HuntReport.overlap": _SHARE,
    "HuntReport.seed": _SEED,
    "HuntReport.threads": _POSITIVE,
    "ParallelismReport.threads": _POSITIVE,
    "ParallelismRow.threads": _POSITIVE,
    "ProgramRace.overlap": _SHARE,
    "ProgramRace.seed": _SEED,
    "RacePart.drift": _SIGNED,
    "RacePart.overlap": _SHARE,
    "RaceReport.drift": _SIGNED,
    "RaceReport.overlap": _SHARE,
    "RaceReport.seed": _SEED,
    "RaceReport.threads": _POSITIVE,
    "RefcountExplanation.moved": _SIGNED,
    "RefcountExplanation.unattributed": _SIGNED,
    "Sample.depth": Range(1, 64),
    "Sample.history": _HISTORY,
    "Sample.horizon": _POSITIVE,
    "Sample.seed": _SEED,
    "Sample.threads": _POSITIVE,
    "Spread.n": _POSITIVE,
    "MemoryAccess.value": _SIGNED,
    "Trace.history": _HISTORY,
    "TraceStep.after": _SIGNED,
    "NativeStep.after": _SIGNED,
    "NativeStep.before": _SIGNED,
    "TraceStep.before": _SIGNED,
    "TraceStep.count": _SIGNED,
    "TraceStep.ledger": _SIGNED,
    "TraceStep.number": _POSITIVE,
    "TraceStep.result": _SIGNED,
}
"""By ``"Class.field"``; every other whole number is a count, 0 or more."""


def range_of(field: str, kind: type) -> Range:
    """Return the range of a field, ``"Class.field"``, with numbers of type `kind`."""
    return RANGES.get(field, _MEASURED if kind is float else _COUNT)
