"""Compare the cost and correctness of refcount modes."""

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
from refrace.catalogue.interpreter_mode import racing_mode, several_racing_modes
from refrace.catalogue.mode import Mode
from refrace.environment import Environment
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.races.comparison_report import BASELINE, Comparison
from refrace.races.comparison_row import ComparisonRow
from refrace.races.prices import Owner, Price, Sharing, Workload, measure

__all__ = ["compare"]

MOST_ROUNDS = 100_000

# One race of a round.  Phases are long, so that the cost of barriers is negligible.
OPERATIONS = 20_000
TIMES = 6

WORKLOADS: tuple[Workload, ...] = ("latency", "throughput")

# Overlap from which a round shows the cost of contention, and the number of such rounds
# from which the others are ignored: on a busy machine, some rounds hardly overlap.
MET = 0.5
ENOUGH_MET = 3


class _Case(NamedTuple):
    """The number of threads, the objects and the workload."""

    threads: int
    objects: Sharing
    owner: Owner
    workload: Workload


@dataclass(frozen=True)
class _Sample:
    """One race of a row, with its ratio and scaling."""

    price: Price
    ratio: float
    scaling: float


@dataclass(frozen=True)
class _Cell:
    """The mode and case of one row."""

    mode: Mode
    case: _Case

    def row(self, samples: Sequence[_Sample]) -> ComparisonRow:
        """Return the row of the samples, one from each round."""
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
        The modes to compare; ``"cpython"`` is the counting of the running interpreter
        itself, see :func:`refrace.race`.  Default: all of :func:`refrace.modes`.
    threads : iterable of int
        Numbers of threads, each 1 to 64.  Default: ``(1, 2)``.
    rounds : int
        Number of measuring rounds, 1 to 100,000.  Default: 21, which takes some ten
        seconds.
    progress : callable, optional
        Called in the calling thread after each round, with the rounds done and the
        total.  Default: none.

    Returns
    -------
    Comparison
        Two rows, latency and throughput, for each mode, number of threads, and shared
        or private objects (one thread: private only).  Modes in which an object has an
        owner have two more rows on one thread, with objects that another thread made.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, is out of range, or is empty.
    EnvironmentUnfit
        If the operating system cannot start a thread.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the rounds measured so far.

    Notes
    -----
    Each round measures every row once.  It also measures `unlocked` and each mode on
    one thread, as denominators of the ratios and the scaling: latency is divided by
    latency, throughput by throughput.  In a race of a row, each thread does some
    120,000 increments and as many decrements.

    Latency is the cost of counting the same object repeatedly, where each operation
    waits for the previous one.  Throughput is the cost of counting 64 objects in turn,
    where a processor can overlap operations, as it can in most programs.  Each loop is
    compiled in three forms, which repeat its body 1, 4 and 16 times.  Which one is
    fastest depends on the processor, so each process measures them once for each mode
    and workload, and uses the fastest.

    Examples
    --------
    >>> import refrace
    >>> comparison = refrace.compare(["object_lock"], threads=[1], rounds=1)
    >>> [(row.mode, row.workload, row.corrupted) for row in comparison.rows]
    [('object_lock', 'latency', 0), ('object_lock', 'throughput', 0)]
    """
    chosen = several_racing_modes(modes)
    counts = _check_threads(threads)
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    check_callback("progress", progress)

    wanted = [
        _Cell(mode, case) for mode in chosen for n in counts for case in _cases(mode, n)
    ]
    measured: list[list[_Sample]] = []
    try:
        for done in range(rounds):
            # An interrupted round does not count.
            measured.append(_measure_round(chosen, wanted))
            if progress is not None:
                progress(done + 1, rounds)
        return _comparison(wanted, measured, rounds)
    except KeyboardInterrupt:
        raise interrupted(partial(_comparison, wanted, measured, rounds)) from None


def _cases(mode: Mode, threads: int) -> list[_Case]:
    whose: list[tuple[Sharing, Owner]]
    if threads > 1:  # one thread owns a shared object, the others do not
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
            f"threads={shown(threads)} is not a list of numbers; pass for example "
            "(1, 2)"
        )
    counts = [
        check_integer(f"threads[{i}]", n, low=1, high=native_objects.MAX_THREADS)
        for i, n in enumerate(threads)
    ]
    if not counts:
        raise InvalidArgument("threads=() is empty; pass for example (1, 2)")
    return sorted(set(counts))


def _measure(mode: str, case: _Case) -> Price:
    number = racing_mode(mode).number
    return measure(number, *case, operations=OPERATIONS, rounds=TIMES)


def _alone(workload: Workload) -> _Case:
    return _Case(1, "private", "racing", workload)


def _measure_round(chosen: list[Mode], wanted: list[_Cell]) -> list[_Sample]:
    """Measure each cell once, and the denominators of its ratio and scaling."""
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
