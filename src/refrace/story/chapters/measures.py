"""Helpers of the chapters: repeated measurements and shared results."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TypeVar

from refrace.races.compare import compare
from refrace.races.comparison_report import Comparison
from refrace.races.comparison_row import ComparisonRow
from refrace.races.race import race
from refrace.races.race_report import RaceReport
from refrace.story.story_report import Measured

__all__ = ["Measures", "intact_in", "race_in", "race_to_show", "seen", "until"]

Result = TypeVar("Result")

# Seconds during which a measurement is repeated until it shows its claim: on a busy
# machine two threads may not overlap.  The whole story takes less than 30 seconds.
PATIENCE_S = 2.5
ROUNDS = 21
MODES = ("unlocked", "object_lock", "global_lock", "atomic", "biased")

# The race that every chapter runs, so that only the mode differs between them.
race_in = partial(race, objects=1000, hold=256)


class Measures:
    """Figures that more than one chapter needs."""

    @cached_property
    def comparison(self) -> Comparison:
        """The comparison of the modes in the story, measured once."""
        return until(
            lambda comparison: comparison.conclusive,
            partial(compare, MODES, threads=(1, 2), rounds=ROUNDS),
        )

    def ratio(self, mode: str, threads: int, objects: str) -> str:
        """Return both costs of a mode in a case: latency and throughput."""
        latency, throughput = (
            self.row(mode, threads, objects, workload).ratio.median
            for workload in ("latency", "throughput")
        )
        return f"{latency:.1f}x (many objects in turn: {throughput:.1f}x)"

    def row(
        self, mode: str, threads: int, objects: str, workload: str = "latency"
    ) -> ComparisonRow:
        """Return the row of a mode in a case."""
        wanted = (mode, threads, objects, "racing", workload)
        return next(
            row
            for row in self.comparison.rows
            if (row.mode, row.threads, row.objects, row.owner, row.workload) == wanted
        )


def until(
    is_telling: Callable[[Result], bool], measure: Callable[[], Result]
) -> Result:
    """Repeat a measurement until the result is telling, or `PATIENCE_S` is over."""
    began = time.monotonic()
    result = measure()
    while not is_telling(result) and time.monotonic() - began < PATIENCE_S:
        result = measure()
    return result


def race_to_show(is_telling: Callable[[RaceReport], bool], mode: str) -> RaceReport:
    """Race in a mode; if that is not telling, repeat it with widened gaps."""
    report = race_in(mode)
    if is_telling(report):
        return report
    return until(is_telling, partial(race, mode, objects=64, hold=32, gaps="widened"))


def intact_in(report: RaceReport) -> str:
    """Return in words how many objects were intact in a part where threads met."""
    part = next((part for part in report.parts if part.has_met), report.parts[0])
    return f"{part.intact:,} of {part.objects:,} intact, {part.how_met}"


def seen(report: RaceReport, claim: str, times: int, figure: str) -> Measured:
    """Return a claim that is shown if an event happened at least once in a race."""
    if times:
        how = ", with widened gaps" if report.gaps == "widened" else ""
        return Measured(claim, figure + how, is_shown=True)
    return Measured(
        claim,
        f"did not happen; threads overlapped {report.overlap:.1%} of the time",
        is_shown=False,
    )
