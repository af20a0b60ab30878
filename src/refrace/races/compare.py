"""Compare refcount modes: what each costs and whether it counts correctly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from refrace._base.arguments import check_callback, check_integer
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace._base.spread import Spread
from refrace._native import objects as native_objects
from refrace.catalogue import mode as catalogue
from refrace.catalogue.mode import Mode
from refrace.environment import Environment
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.races.comparison_report import BASELINE, Comparison
from refrace.races.comparison_row import ComparisonRow
from refrace.races.race import race
from refrace.races.race_report import RaceReport

__all__ = ["compare"]

MOST_ROUNDS = 100_000

# One race of a round: long phases, so that meeting costs nothing beside them.
HOLD = 20_000
OBJECTS = 6

# Overlap from which a round says what contention costs, and how many such rounds make
# the others dispensable: a busy machine keeps the threads apart in some.
MET = 0.5
ENOUGH_MET = 3

Sharing = Literal["shared", "private"]
Owner = Literal["racing", "elsewhere"]


@dataclass(frozen=True)
class _Sample:
    """One race of a row, beside what it is divided by."""

    ns: float
    ratio: float
    scaling: float
    overlap: float


@dataclass
class _Cell:
    """One row while it is being measured."""

    mode: Mode
    threads: int
    objects: Sharing
    owner: Owner = "racing"
    settled: int = 0
    corrupted: int = 0
    freed_late: int = 0
    late_s: float = 0.0
    samples: list[_Sample] = field(default_factory=list)

    def row(self) -> ComparisonRow:
        met = [sample for sample in self.samples if sample.overlap >= MET]
        telling = met if len(met) >= ENOUGH_MET else self.samples
        return ComparisonRow(
            mode=self.mode.name,
            claims_correct=self.mode.claim == "correct",
            memory=self.mode.memory,
            threads=self.threads,
            objects=self.objects,
            owner=self.owner,
            settled=self.settled,
            corrupted=self.corrupted,
            freed_late=self.freed_late,
            late_s=self.late_s,
            ns_per_operation=Spread.of([sample.ns for sample in telling]),
            ratio=Spread.of([sample.ratio for sample in telling]),
            scaling=Spread.of([sample.scaling for sample in telling]),
            overlap=Spread.of([sample.overlap for sample in telling]).median,
        )


def compare(
    modes: Iterable[str | Mode] | None = None,
    threads: Iterable[int] = (1, 2),
    *,
    rounds: int = 21,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Race every mode with every number of threads, on shared and private objects.

    Parameters
    ----------
    modes : iterable of str or Mode, optional
        The modes to compare.  Default: all of :func:`refrace.modes`.
    threads : iterable of int
        Numbers of threads, 1 to 64 each.  Default: ``(1, 2)``.
    rounds : int
        How often everything is measured, 1 to 100,000.  Default: 21, some seconds.
    progress : callable, optional
        Called with rounds done and rounds in all after each, in the calling thread.
        Default: none.

    Returns
    -------
    Comparison
        A row for each mode, number of threads, and shared or private objects (one
        thread shares with nobody: private alone).  Modes in which an object has an
        owner have one more on one thread: with objects that another has made.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, is out of range, or is empty.
    EnvironmentUnfit
        If the operating system refuses a thread.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the rounds measured until then.

    Notes
    -----
    Each round measures every row once; `unlocked` on one thread, and each mode on one
    thread, are measured in every round as what the others are divided by.  A race of a
    row does 120,000 increments and as many decrements a thread.

    Examples
    --------
    >>> import refrace
    >>> comparison = refrace.compare(["object_lock"], threads=[1], rounds=1)
    >>> [(row.mode, row.corrupted) for row in comparison.rows]
    [('object_lock', 0)]
    """
    chosen = catalogue.several_modes(modes)
    counts = _check_threads(threads)
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    check_callback("progress", progress)

    wanted = [
        _Cell(mode, n, objects, owner)
        for mode in chosen
        for n in counts
        for objects, owner in _cases(mode, n)
    ]
    try:
        for done in range(rounds):
            _measure_round(chosen, wanted)
            if progress is not None:
                progress(done + 1, rounds)
        return _comparison(wanted, rounds)
    except KeyboardInterrupt:
        raise interrupted(partial(_comparison, wanted, rounds)) from None


def _cases(mode: Mode, threads: int) -> list[tuple[Sharing, Owner]]:
    if threads > 1:  # of a shared object one thread is the owner, and the others not
        return [("shared", "racing"), ("private", "racing")]
    alone: list[tuple[Sharing, Owner]] = [("private", "racing")]
    return [*alone, ("private", "elsewhere")] if mode.has_owner else alone


def _check_threads(threads: Any) -> list[int]:
    if isinstance(threads, str) or not isinstance(threads, Iterable):
        raise InvalidArgumentType(
            f"threads={shown(threads)} is no list of numbers; pass for example (1, 2)"
        )
    counts = [
        check_integer(f"threads[{i}]", n, low=1, high=native_objects.MAX_THREADS)
        for i, n in enumerate(threads)
    ]
    if not counts:
        raise InvalidArgument("threads=() is empty; pass for example (1, 2)")
    return sorted(set(counts))


def _measure(
    mode: str, threads: int, objects: Sharing, owner: Owner = "racing"
) -> tuple[RaceReport, float]:
    """Race once; give the report and the ns that an operation took a thread."""
    report = race(
        mode,
        threads=threads,
        objects=OBJECTS,
        hold=HOLD,
        seed=0,
        shared=objects == "shared",
        owner=owner,
    )
    return report, threads * report.busy_s * 1e9 / report.operations


def _measure_round(chosen: list[Mode], wanted: list[_Cell]) -> None:
    # All of a round is measured before any of it is kept, so that rows stay paired.
    alone = {mode.name: _measure(mode.name, 1, "private") for mode in chosen}
    if BASELINE not in alone:
        alone[BASELINE] = _measure(BASELINE, 1, "private")
    measured = [
        alone[cell.mode.name]
        if cell.threads == 1 and cell.owner == "racing"
        else _measure(cell.mode.name, cell.threads, cell.objects, cell.owner)
        for cell in wanted
    ]
    baseline_ns = alone[BASELINE][1]
    for cell, (report, ns) in zip(wanted, measured, strict=True):
        cell.settled += report.objects
        cell.corrupted += report.corrupted
        cell.freed_late += report.freed_late
        cell.late_s += report.late_s
        cell.samples.append(
            _Sample(
                ns=ns,
                ratio=ns / baseline_ns,
                scaling=cell.threads * alone[cell.mode.name][1] / ns,
                overlap=report.overlap,
            )
        )


def _comparison(wanted: list[_Cell], requested: int) -> Comparison:
    rows = tuple(cell.row() for cell in wanted if cell.samples)
    rounds = len(wanted[0].samples)
    return Comparison(rows, rounds, requested, Environment.current())
