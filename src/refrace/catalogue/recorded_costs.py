"""The recorded cost of each mode, measured on one machine for the package."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from refrace._base.codec import ADDED_LATER, decode, encode
from refrace._base.recorded_json import read_recorded, recorded_text
from refrace._base.spread import Spread
from refrace.display.numbers import short
from refrace.environment import Environment

__all__ = [
    "COSTS_FILE",
    "CostFigure",
    "RecordedCost",
    "RecordedCosts",
    "costs_text",
    "recorded_cost",
    "recorded_costs",
]

COSTS_FILE = Path(__file__).parent / "recorded_costs.json"
"""Written by ``make costs``."""

COSTS_FORMAT = {"format": "refrace/recorded-costs", "version": 2}

# Lacks throughput and the name of the processor.
OLD_COSTS_FORMAT = {**COSTS_FORMAT, "version": 1}

BASELINE = "unlocked"

# Below this overlap, a figure of several threads says little about contention.
MET = 0.5

_WHOSE = {"shared": "on a shared object", "private": "on private objects"}


@dataclass(frozen=True, slots=True)
class CostFigure:
    """The cost of an operation in one case.

    Attributes
    ----------
    threads : int
        Number of racing threads.
    objects : {"shared", "private"}
        Whether the threads used the same object, or each its own.
    owner : {"racing", "elsewhere"}
        Whether a racing thread created the objects, or another thread.
    ratio : Spread
        Time of an operation divided by that of `unlocked` on one thread, in the same
        round and workload; its `n` is the number of rounds.
    overlap : float
        Median share of the time with at least two threads inside, 0 to 1.
    settled, corrupted : int
        Number of objects, and of those that leaked or were freed early.
    workload : {"latency", "throughput"}
        Whether a thread used one object repeatedly, or cycled through 64.
    """

    threads: int
    objects: Literal["shared", "private"]
    owner: Literal["racing", "elsewhere"]
    ratio: Spread
    overlap: float
    settled: int
    corrupted: int
    workload: Literal["latency", "throughput"] = field(
        default="latency", metadata={ADDED_LATER: True}
    )

    @property
    def has_met(self) -> bool:
        """Whether the threads overlapped for at least half of the time."""
        return self.threads == 1 or self.overlap >= MET

    @property
    def case(self) -> str:
        """The case in words, as in ``"on a shared object from 2 threads"``."""
        if self.threads == 1:
            who = ", not the owner" if self.owner == "elsewhere" else ""
            return f"on one thread{who}"
        return f"{_WHOSE[self.objects]} from {self.threads} threads"

    def __str__(self) -> str:
        doubt = "" if self.has_met else f" (overlap {self.overlap:.0%})"
        return f"{short(self.ratio.median)} {self.case}{doubt}"


@dataclass(frozen=True, slots=True)
class RecordedCost:
    """The recorded cost of one mode.

    Attributes
    ----------
    mode : str
        The refcount mode.
    figures : tuple of CostFigure
        One thread before two, shared before private objects, latency before
        throughput.
    """

    mode: str
    figures: tuple[CostFigure, ...]

    def figure(
        self,
        threads: int,
        objects: str,
        owner: str = "racing",
        workload: str = "latency",
    ) -> CostFigure | None:
        """Return the figure of a case.

        Parameters
        ----------
        threads : int
            Number of threads, as in `CostFigure.threads`.
        objects : {"shared", "private"}
            Whether the threads used the same objects, or each its own.
        owner : {"racing", "elsewhere"}
            Whether a racing thread created the objects.  Default: ``"racing"``.
        workload : {"latency", "throughput"}
            Whether a thread used one object repeatedly, or cycled through many.
            Default: ``"latency"``.

        Returns
        -------
        CostFigure or None
            The recorded figure; None if the case was not measured.
        """
        wanted = (threads, objects, owner, workload)
        for one in self.figures:
            if (one.threads, one.objects, one.owner, one.workload) == wanted:
                return one
        return None

    def text_of(self, workload: str) -> str:
        """Return a sentence with the figures of a workload, or that there are none."""
        figures = [one for one in self.figures if one.workload == workload]
        if not figures:
            return f"{workload} not recorded"
        first, *rest = map(str, figures)
        number, _, case = first.partition(" ")
        unit = "the unit" if self.mode == BASELINE else f"{number} times {BASELINE}"
        return f"{workload} " + ", ".join([f"{unit} {case}", *rest])


@dataclass(frozen=True, slots=True)
class RecordedCosts:
    """The recorded comparison of all modes.

    Attributes
    ----------
    refrace : str
        Version of the package that measured.
    date : str
        The date, as in ``"2026-11-23"``.
    rounds : int
        Rounds of the comparison.
    environment : Environment
        Interpreter and machine.
    costs : tuple of RecordedCost
        The cost of each mode.

    Notes
    -----
    Ratios transfer between machines better than times, but not well; use
    `refrace.compare` to measure on this machine.
    """

    refrace: str
    date: str
    rounds: int
    environment: Environment
    costs: tuple[RecordedCost, ...]

    def of(self, mode: str) -> RecordedCost | None:
        """Return the cost of the mode named `mode`; None if not recorded."""
        return next((cost for cost in self.costs if cost.mode == mode), None)

    def text_of(self, mode: str) -> str | None:
        """Return a sentence with the cost of a mode; None if not recorded."""
        cost = self.of(mode)
        if cost is None:
            return None
        said = f"{cost.text_of('latency')}; {cost.text_of('throughput')}"
        return (
            f"{said} (recorded on {self.environment}; refrace compare measures yours)"
        )


def costs_text(costs: RecordedCosts) -> str:
    """Return the content of the file of costs, for ``make costs``."""
    return recorded_text({**COSTS_FORMAT, "recorded": encode(costs)})


def recorded_costs() -> RecordedCosts | None:
    """Return the recorded costs; None if there is no record.

    Raises
    ------
    InvalidData
        If the file of the package is damaged.
    """
    return _costs(COSTS_FILE)


def recorded_cost(mode: str) -> RecordedCost | None:
    """Return the recorded cost of the mode named `mode`; None if there is none."""
    costs = recorded_costs()
    return None if costs is None else costs.of(mode)


@cache
def _costs(file: Path) -> RecordedCosts | None:
    data = read_recorded(file, COSTS_FORMAT, OLD_COSTS_FORMAT)
    if data is None:
        return None
    return decode(RecordedCosts, data.get("recorded"), file.name)
