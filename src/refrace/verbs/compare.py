"""Compare refcount modes: what each costs and whether it counts correctly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from refrace import _core, catalogue
from refrace._prices import Owner, Price, Sharing, Workload, measure
from refrace._shown import shown
from refrace._validate import check_callback, check_integer
from refrace.catalogue import Mode
from refrace.environment import Environment
from refrace.errors import Interrupted, InvalidArgument, InvalidArgumentType
from refrace.reports.comparison import BASELINE, Comparison, ComparisonRow
from refrace.spread import Spread

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
    """One race of a row, beside what it is divided by."""

    ns: float
    ratio: float
    scaling: float
    overlap: float


@dataclass
class _Cell:
    """One row while it is being measured."""

    mode: Mode
    case: _Case
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
            threads=self.case.threads,
            objects=self.case.objects,
            owner=self.case.owner,
            settled=self.settled,
            corrupted=self.corrupted,
            freed_late=self.freed_late,
            late_s=self.late_s,
            ns_per_operation=Spread.of([sample.ns for sample in telling]),
            ratio=Spread.of([sample.ratio for sample in telling]),
            scaling=Spread.of([sample.scaling for sample in telling]),
            overlap=Spread.of([sample.overlap for sample in telling]).median,
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
    try:
        for done in range(rounds):
            _measure_round(chosen, wanted)
            if progress is not None:
                progress(done + 1, rounds)
    except KeyboardInterrupt:
        raise Interrupted(_comparison(wanted, rounds)) from None
    return _comparison(wanted, rounds)


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
        check_integer(f"threads[{i}]", n, low=1, high=_core.MAX_THREADS)
        for i, n in enumerate(threads)
    ]
    if not counts:
        raise InvalidArgument("threads=() is empty; pass for example (1, 2)")
    return sorted(set(counts))


def _measure(mode: str, case: _Case) -> Price:
    number = catalogue.mode_number(mode)
    return measure(number, *case, operations=OPERATIONS, rounds=TIMES)


def _alone(workload: Workload) -> _Case:
    return _Case(1, "private", "racing", workload)


def _measure_round(chosen: list[Mode], wanted: list[_Cell]) -> None:
    # All of a round is measured before any of it is kept, so that rows stay paired.
    names = dict.fromkeys([*(mode.name for mode in chosen), BASELINE])
    alone = {
        (name, workload): _measure(name, _alone(workload))
        for name in names
        for workload in WORKLOADS
    }
    measured = [
        alone[cell.mode.name, cell.case.workload]
        if cell.case == _alone(cell.case.workload)
        else _measure(cell.mode.name, cell.case)
        for cell in wanted
    ]
    for cell, price in zip(wanted, measured, strict=True):
        workload = cell.case.workload
        cell.settled += price.settled
        cell.corrupted += price.corrupted
        cell.freed_late += price.freed_late
        cell.late_s += price.late_s
        cell.samples.append(
            _Sample(
                ns=price.ns,
                ratio=price.ns / alone[BASELINE, workload].ns,
                scaling=cell.case.threads
                * alone[cell.mode.name, workload].ns
                / price.ns,
                overlap=price.overlap,
            )
        )


def _comparison(wanted: list[_Cell], requested: int) -> Comparison:
    rows = tuple(cell.row() for cell in wanted if cell.samples)
    rounds = len(wanted[0].samples)
    return Comparison(rows, rounds, requested, Environment.current())
