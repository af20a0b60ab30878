"""Compare refcount modes: what each costs and whether it counts correctly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

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
from refrace.races.prices import Owner, Price, Sharing, Workload, measure

__all__ = ["compare"]

MOST_ROUNDS = 100_000

# One race of a round: long phases, so that meeting costs nothing beside them.
OPERATIONS = 20_000
TIMES = 6

WORKLOADS: tuple[Workload, ...] = ("latency", "throughput")

# Overlap from which a round says what contention costs, and how many such rounds make
# the others dispensable: a busy machine keeps the threads apart in some.
MET = 0.5
ENOUGH_MET = 3


class _Case(NamedTuple):
    """How many threads count which objects, and in which order."""

    threads: int
    objects: Sharing
    owner: Owner
    workload: Workload


@dataclass(frozen=True)
class _Sample:
    """One race of a row, with what its price is divided by."""

    price: Price
    ratio: float
    scaling: float


@dataclass(frozen=True)
class _Cell:
    """What one row measures."""

    mode: Mode
    case: _Case

    def row(self, samples: Sequence[_Sample]) -> ComparisonRow:
        """Return the row of one sample a round."""
        met = [sample for sample in samples if sample.price.overlap >= MET]
        telling = met if len(met) >= ENOUGH_MET else samples
        prices = [sample.price for sample in samples]
        return ComparisonRow(
            mode=self.mode.name,
            claims_correct=self.mode.claim == "correct",
            memory=self.mode.memory,
            threads=self.case.threads,
            objects=self.case.objects,
            owner=self.case.owner,
            settled=sum(price.settled for price in prices),
            corrupted=sum(price.corrupted for price in prices),
            freed_late=sum(price.freed_late for price in prices),
            late_s=sum(price.late_s for price in prices),
            ns_per_operation=Spread.of([sample.price.ns for sample in telling]),
            ratio=Spread.of([sample.ratio for sample in telling]),
            scaling=Spread.of([sample.scaling for sample in telling]),
            overlap=Spread.of([sample.price.overlap for sample in telling]).median,
            workload=self.case.workload,
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
        How often everything is measured, 1 to 100,000.  Default: 21, some ten
        seconds.
    progress : callable, optional
        Called with rounds done and rounds in all after each, in the calling thread.
        Default: none.

    Returns
    -------
    Comparison
        Two rows, latency and throughput, for each mode, number of threads, and shared
        or private objects (one thread shares with nobody: private alone).  Modes in
        which an object has an owner have two more on one thread: with objects that
        another has made.

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
    thread, are measured in every round as what the others are divided by: latency by
    latency, throughput by throughput.  A race of a row does some 120,000 increments
    and as many decrements a thread.

    Latency is the price of counting one object again and again, where each operation
    waits for the one before; throughput is the price of going round over 64 objects,
    where a processor can overlap them, as it can in most programs.  A loop is compiled
    in three forms, which repeat its body once, four and sixteen times; which is the
    quickest depends on the processor, so each process finds out once for each mode, and
    uses that form.

    Examples
    --------
    >>> import refrace
    >>> comparison = refrace.compare(["object_lock"], threads=[1], rounds=1)
    >>> [(row.mode, row.workload, row.corrupted) for row in comparison.rows]
    [('object_lock', 'latency', 0), ('object_lock', 'throughput', 0)]
    """
    chosen = catalogue.several_modes(modes)
    counts = _check_threads(threads)
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    check_callback("progress", progress)

    wanted = [
        _Cell(mode, case) for mode in chosen for n in counts for case in _cases(mode, n)
    ]
    measured: list[list[_Sample]] = []
    try:
        for done in range(rounds):
            # A round counts as a whole or not at all, whenever an interrupt comes.
            measured.append(_measure_round(chosen, wanted))
            if progress is not None:
                progress(done + 1, rounds)
        return _comparison(wanted, measured, rounds)
    except KeyboardInterrupt:
        raise interrupted(partial(_comparison, wanted, measured, rounds)) from None


def _cases(mode: Mode, threads: int) -> list[_Case]:
    whose: list[tuple[Sharing, Owner]]
    if threads > 1:  # of a shared object one thread is the owner, and the others not
        whose = [("shared", "racing"), ("private", "racing")]
    elif mode.has_owner:
        whose = [("private", "racing"), ("private", "elsewhere")]
    else:
        whose = [("private", "racing")]
    return [
        _Case(threads, objects, owner, workload)
        for objects, owner in whose
        for workload in WORKLOADS
    ]


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


def _measure(mode: str, case: _Case) -> Price:
    number = catalogue.mode(mode).number
    return measure(number, *case, operations=OPERATIONS, rounds=TIMES)


def _alone(workload: Workload) -> _Case:
    return _Case(1, "private", "racing", workload)


def _measure_round(chosen: list[Mode], wanted: list[_Cell]) -> list[_Sample]:
    """Measure each cell once, with what it is divided by."""
    names = dict.fromkeys([*(mode.name for mode in chosen), BASELINE])
    alone = {
        (name, workload): _measure(name, _alone(workload))
        for name in names
        for workload in WORKLOADS
    }
    samples = []
    for cell in wanted:
        one = alone[cell.mode.name, cell.case.workload]
        price = (
            one
            if cell.case == _alone(cell.case.workload)
            else _measure(cell.mode.name, cell.case)
        )
        samples.append(
            _Sample(
                price,
                ratio=price.ns / alone[BASELINE, cell.case.workload].ns,
                scaling=cell.case.threads * one.ns / price.ns,
            )
        )
    return samples


def _comparison(
    wanted: list[_Cell], measured: list[list[_Sample]], requested: int
) -> Comparison:
    columns = zip(*measured, strict=True)
    rows = tuple(
        cell.row(column) for cell, column in zip(wanted, columns, strict=False)
    )
    return Comparison(rows, len(measured), requested, Environment.current())
