"""Measure how many cores workloads use under this interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refrace._base.arguments import (
    a_kind,
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace.environment import Environment
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.lessons.parallelism_report import ParallelismReport
from refrace.lessons.parallelism_row import Pair, ParallelismRow
from refrace.lessons.timing import calibrate, measure_pairs
from refrace.lessons.workloads import (
    WORKLOADS,
    YARDSTICK,
    Step,
    Workload,
    workload_of,
)

__all__ = ["parallelism"]

MOST_THREADS = 64
MOST_ROUNDS = 1000
LEAST_RUN_S, MOST_RUN_S = 0.001, 10.0


def parallelism(
    workload: str | Step | Sequence[str | Step] | None = None,
    threads: int = 2,
    *,
    rounds: int = 5,
    run_s: float = 0.02,
    progress: Callable[[int, int], None] | None = None,
) -> ParallelismReport:
    """Measure how many cores workloads use when several threads run them.

    One thread does some work; then several threads each do the same amount of work.
    This is repeated for several pairs.  N threads that run in parallel take as long as
    one thread; N threads that take turns take N times as long.

    Parameters
    ----------
    workload : str, callable, or sequence of these, optional
        ``"pure_python"``, ``"sleep"``, ``"hashing"``, ``"compression"``, ``"numpy"``
        (skipped if NumPy is not installed), ``"c_loop"`` (a C loop without the GIL),
        ``"c_loop_held"`` (the same loop holding the GIL); or a function without
        arguments, which several threads call concurrently, many times.  Default: all
        named workloads.
    threads : int
        Number of threads to compare with one, 2 to 64.  Default: 2.
    rounds : int
        Pairs of runs for each workload, 1 to 1000.  Default: 5.
    run_s : float
        Approximate duration of each run of one thread in seconds, 0.001 to 10.  A
        callable that takes longer is called once.  Default: 0.02.
    progress : callable, optional
        Called in the calling thread after each pair, with the pairs done and the total.
        Default: none.

    Returns
    -------
    ParallelismReport
        Cores used and speedup of each workload: medians and quartiles over the pairs.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    EnvironmentUnfit
        If the operating system cannot start a thread.
    Interrupted
        On Ctrl-C, within 0.2 s or one call of the workload; its `report` has the
        results so far.
    Exception
        Any exception that a callable raises, after all threads have ended.

    Notes
    -----
    Takes about ``rounds * (1 + threads) * run_s`` seconds for each workload and for the
    yardstick, which each call measures too; all named workloads take about two seconds.
    Cores used are the processor time of the whole process per elapsed time, so nothing
    else should run in the process.  No thread is pinned or favoured.

    Examples
    --------
    >>> import refrace
    >>> report = refrace.parallelism("sleep", rounds=1)
    >>> report.rows[0].workload
    'sleep'
    """
    workloads = _workloads(workload)
    threads = check_integer("threads", threads, low=2, high=MOST_THREADS)
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    run_s = check_number("run_s", run_s, low=LEAST_RUN_S, high=MOST_RUN_S)
    progress = check_callback("progress", progress)

    # Measure the yardstick once, before the workloads.
    queue = [YARDSTICK, *(work for work in workloads if work is not YARDSTICK)]
    measured: dict[int, ParallelismRow] = {}
    total = rounds * len(queue)

    def report() -> ParallelismReport:
        order = [measured[id(work)] for work in workloads if id(work) in measured]
        return ParallelismReport(
            threads=threads,
            rounds=rounds,
            rows=tuple(order),
            yardstick=measured.get(id(YARDSTICK)),
            workloads_requested=len(workloads),
            environment=Environment.current(),
        )

    try:
        for number, work in enumerate(queue):
            pairs: list[Pair] = []
            setting: dict[str, Any] = {
                "workload": work.name,
                "title": work.title,
                "holding": work.holding,
                "threads": threads,
            }
            try:
                steps = [work.prepare() for _ in range(threads)]
            except ImportError as error:
                why = f"not installed ({error.name or error})"
                measured[id(work)] = ParallelismRow(
                    **setting, amount=0, pairs=(), skipped=why
                )
            else:
                amount = calibrate(steps[0], run_s)
                for pair in measure_pairs(steps, amount, rounds):
                    pairs.append(pair)
                    measured[id(work)] = ParallelismRow(
                        **setting, amount=amount, pairs=tuple(pairs)
                    )
                    if progress is not None:
                        progress(number * rounds + len(pairs), total)
            if progress is not None and not pairs:
                progress((number + 1) * rounds, total)
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None


def _workloads(given: object) -> list[Workload]:
    """Return the workloads asked for; raise if one is unknown or given twice."""
    if given is None:
        return list(WORKLOADS)
    if not isinstance(given, list | tuple):
        return [_workload("workload", given)]
    if not given:
        raise InvalidArgument(
            f"workload={shown(given)} is empty; name one or more workloads, or omit "
            "it for all of them"
        )
    found = [_workload(f"workload[{i}]", item) for i, item in enumerate(given)]
    for i, work in enumerate(found):
        if work in found[:i]:
            raise InvalidArgument(
                f"workload[{i}]={work.name!r} is a duplicate; name each workload once"
            )
    return found


def _workload(place: str, given: object) -> Workload:
    if callable(given):
        return workload_of(given)
    if not isinstance(given, str):
        raise InvalidArgumentType(
            f"{place}={shown(given)} is {a_kind(given)}; pass the name of a "
            f"workload ({', '.join(work.name for work in WORKLOADS)}) or a function "
            "without arguments"
        )
    names = {work.name: work for work in WORKLOADS}
    return names[check_choice(place, given, tuple(names))]
