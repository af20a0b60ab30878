"""Find leaks of a callable on one thread: levels of the process, per call."""

from __future__ import annotations

import random
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from refrace._base.arguments import (
    a_kind,
    check_callback,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.runnable import check_runnable
from refrace._base.safe_repr import shown
from refrace.environment import Environment
from refrace.errors import InvalidArgumentType
from refrace.hunting.leak_report import LeakReport
from refrace.hunting.leaks.arguments import ArgumentSet, argument_sets
from refrace.hunting.leaks.calling import Caller
from refrace.hunting.leaks.culprits import LeakingArguments, leaking_arguments
from refrace.hunting.leaks.evidence import again, levels_to_series
from refrace.hunting.leaks.lines import AllocatingLine, allocating_lines
from refrace.hunting.leaks.measuring import MOST_CALLS, measure, plan_of
from refrace.hunting.leaks.meters import meters, resident_bytes, traced
from refrace.hunting.leaks.series import LevelSeries
from refrace.hunting.leaks.shared_objects import shared_objects
from refrace.hunting.leaks.types import LeakedType, explain_leaked, newest_of

if TYPE_CHECKING:
    from refrace.hunting.leaks.canary_watch import CanaryWatch

__all__ = ["refleaks"]

MOST_SETS = 50
STEPS = 100
"""Steps of progress in a series."""
MOST_SECONDS = 86_400.0
MOST_TYPES = 5
LARGEST_SEED = 2**64 - 1

# Shares of the time; what is left is for building the report.
CHOOSING, WARMING, COUNTING, CONFIRMING, TRACING, BLAMING = (
    *(0.08, 0.10, 0.30, 0.20, 0.20),
    0.10,
)


def refleaks(
    callable: Callable[..., Any],
    *,
    calls: int = MOST_CALLS,
    seconds: float = 5.0,
    seed: int | None = None,
    arguments: Mapping[str, Any] | Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LeakReport:
    """Call `callable` many times and find what grows with every call.

    After each of several equal batches of calls, it collects garbage and reads levels:
    the allocated blocks, the memory from malloc, the objects of each type, and the
    reference counts of the builtins and of the callable's own constants and modules.
    On debug builds it also reads the total of all references.  Afterwards it reads the
    traced bytes, with tracemalloc.  A leak is a slope whose 99 % interval excludes
    zero, in two independent series.

    Parameters
    ----------
    callable : callable
        What to call; results are dropped, and an exception counts as a result.
    calls : int
        Largest number of calls in one series, 1 to 10**9.  Default: 20,000.
    seconds : float
        Time limit in seconds, 0.01 to 86,400; one batch may exceed it.  Default: 5.
    seed : int, optional
        Seed of the arguments, 0 to 2**64 - 1.  Default: random; the report has it.
    arguments : dict or sequence of strategies, optional
        Hypothesis strategies by name of parameter, or by position.  A parameter
        without a strategy and without a default gets values of all kinds, from
        ``refrace.strategies.anything()``.  Up to 50 sets are drawn once, and each call
        gets a fresh copy.  Default: none.
    progress : callable, optional
        Called in the calling thread after each level, with the levels read and the
        total so far.  Default: none.

    Returns
    -------
    LeakReport
        The slopes with their intervals, and details of a leak: the type, an example,
        what holds it, the arguments, and the line that allocates it.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is out of range, or does not fit the
        signature of the callable.
    MissingPackage
        If arguments must be drawn and Hypothesis is not installed.
    Interrupted
        On Ctrl-C; its `report` has the result so far.

    Notes
    -----
    The callable runs in this process and in the calling thread: if it crashes, the
    process ends.  `refrace.hunt` uses child processes.

    It does not see memory that C code takes directly from the operating system, growth
    of the counts of immortal objects, leaks with other arguments, and leaks in fewer
    than one in some thousand calls.  A cache that fills at a constant rate during the
    whole run looks like a leak.  A bounded cache that fills up, or fills ever more
    slowly, does not.

    Examples
    --------
    >>> import refrace
    >>> kept = []
    >>> report = refrace.refleaks(lambda: kept.append([]), seconds=1)
    >>> report.judgement, report.types[0].type_name
    ('findings', 'list')
    """
    _check_callable(callable)
    calls = check_integer("calls", calls, low=1, high=10**9)
    seconds = check_number("seconds", seconds, low=0.01, high=MOST_SECONDS)
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    seed = check_integer("seed", seed, low=0, high=LARGEST_SEED)
    check_callback("progress", progress)

    sets = argument_sets(callable, arguments, seed, MOST_SETS)
    run = _Run(callable, sets, calls, seconds, seed, progress)
    try:
        run.count()
        run.trace()
        run.blame()
    except KeyboardInterrupt:
        raise interrupted(run.report) from None
    return run.report()


def _check_callable(value: Any) -> None:
    if not callable(value):
        is_name = isinstance(value, str) and ":" in value
        cure = (
            "pass the function itself (only the command takes its name)"
            if is_name
            else "pass a function or another callable"
        )
        raise InvalidArgumentType(f"callable={shown(value)} is {a_kind(value)}; {cure}")
    check_runnable("callable=", value)


class _Run:
    """The series of one call of the verb, and what they found so far."""

    def __init__(
        self,
        call: Callable[..., Any],
        sets: list[ArgumentSet],
        calls: int,
        seconds: float,
        seed: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.name = _name_of(call)
        self.caller = Caller(call, sets)
        self.sets_drawn = len(sets)
        self.calls = calls
        self.seconds = seconds
        self.seed = seed
        self.progress = progress
        self.done, self.total = 0, 2 * STEPS
        self.warm_up = 0
        self.meters, self.missing = meters()
        self.canaries = _watch(sets)
        if self.canaries is not None:
            self.meters.append(self.canaries.meter)
        self.shared, immortal = shared_objects(call)
        self.series: list[LevelSeries] = []
        self.types: tuple[LeakedType, ...] = ()
        self.lines: tuple[AllocatingLine, ...] = ()
        self.arguments: LeakingArguments | None = None
        self.peak = 0
        self.resident = 0
        self.is_complete = False
        if immortal:
            self.missing.append(
                f"the counts of {immortal:,} of {immortal + len(self.shared):,} shared "
                "objects, which are immortal"
            )
        if any(each.is_shared for each in sets):
            self.missing.append(
                "fresh copies of some arguments: they can be neither pickled nor copied"
            )

    def count(self) -> None:
        """Warm up, read the series without tracemalloc, and confirm what moves."""
        cycle_s = self.caller.keep_what_fits(CHOOSING * self.seconds)
        most = max(2, self.calls // (10 * len(self.caller.sets)))
        self.caller.cycle(min(most, max(2, int(WARMING * self.seconds / cycle_s))))
        if self.canaries is not None:
            self.canaries.read()
        self.warm_up = self.caller.made
        self.caller.raised.clear()
        self.cycle_s = cycle_s

        before = resident_bytes()
        self.series = self._count(COUNTING)
        self.resident = max(0, resident_bytes() - before)
        if any(each.moves for each in self.series):
            self.total += STEPS
            moving = [each.name for each in self.series if each.kind == "type"]
            found: dict[str, Any] = {}
            second = self._count(CONFIRMING, lambda: found.update(newest_of(moving)))
            self.series = again(self.series, second)
            leaked = [each.name for each in self.series if each.kind == "type"]
            self.types = tuple(
                explain_leaked(one, found) for one in leaked[:MOST_TYPES]
            )

    def trace(self) -> None:
        """Read the traced bytes; say which lines allocate if they grow."""
        was_on = tracemalloc.is_tracing()
        if not was_on:
            tracemalloc.start()
        try:
            self.cycle_s = self.caller.cycle_seconds()  # it is slower now
            series, _ = self._trace()
            tracemalloc.reset_peak()
            self.caller.cycle()
            now, peak = tracemalloc.get_traced_memory()
            self.peak = max(0, peak - now)
            if series.moves:
                self.total += STEPS
                second, lines = self._trace()
                (series,) = again([series], [second])
                self.lines = lines if series.grows else ()
            self.series.append(series)
        finally:
            if not was_on:
                tracemalloc.stop()

    def blame(self) -> None:
        """Find the sets of arguments that leak."""
        self.is_complete = True
        level = self._level_that_moves()
        if level is None or len(self.caller.sets) == 1:
            return
        self.is_complete = False
        read, falls = level
        self.arguments = leaking_arguments(
            self.caller, read, falls, BLAMING * self.seconds
        )
        self.is_complete = True

    def _level_that_moves(self) -> tuple[Callable[[], int], bool] | None:
        readers = {meter.kind: meter.read for meter in self.meters}
        order = {"blocks": 0, "heap": 1, "canaries": 2, "references": 3, "shared": 4}
        for each in sorted(self.series, key=lambda one: order.get(one.kind, 9)):
            if not (each.grows or each.shrinks):
                continue
            if each.kind in readers:
                return readers[each.kind], each.shrinks
            if each.kind == "shared":
                keep = [self.shared[each.name]]
                return partial(_count_of, keep), each.shrinks
        return None

    def _count(
        self, share: float, at_end: Callable[[], None] = lambda: None
    ) -> list[LevelSeries]:
        levels = measure(
            self.caller,
            plan_of(self.caller, self.cycle_s, share * self.seconds, self.calls),
            self.meters,
            self.shared,
            types=True,
            step=self._step,
            at_end=at_end,
        )
        self.done += STEPS
        return levels_to_series(levels, self.meters, self.shared)

    def _trace(self) -> tuple[LevelSeries, tuple[AllocatingLine, ...]]:
        plan = plan_of(self.caller, self.cycle_s, TRACING * self.seconds, self.calls)
        first, made = tracemalloc.take_snapshot(), self.caller.made
        levels = measure(self.caller, plan, [traced], {}, types=False, step=self._step)
        last, made = tracemalloc.take_snapshot(), self.caller.made - made
        self.done += STEPS
        (series,) = levels_to_series(levels, [traced], {})
        return series, allocating_lines(first, last, made)

    def _step(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(self.done + STEPS * done // total, self.total)

    def _harm(self) -> tuple[int, int, str | None]:
        watch = self.canaries
        if watch is None:
            return 0, 0, None
        watch.read()
        return watch.made, watch.harmed, watch.harm

    def report(self) -> LeakReport:
        canaries, harmed, harm = self._harm()
        return LeakReport(
            subject=self.name,
            calls=max(_calls(self.series), default=0),
            calls_limit=self.calls,
            warm_up=self.warm_up,
            argument_sets=len(self.caller.sets),
            argument_sets_drawn=self.sets_drawn,
            seconds=self.seconds,
            seed=self.seed,
            series=tuple(self.series),
            types=self.types,
            arguments=self.arguments,
            lines=self.lines,
            canaries=canaries,
            canaries_harmed=harmed,
            harm=harm,
            calls_made=self.caller.made,
            raised=tuple(
                sorted(self.caller.raised.items(), key=lambda pair: (-pair[1], pair[0]))
            ),
            peak_bytes=self.peak,
            resident_growth=self.resident,
            shared_watched=len(self.shared),
            not_watched=tuple(self.missing),
            is_complete=self.is_complete,
            environment=Environment.current(),
        )


def _calls(series: Iterable[LevelSeries]) -> list[int]:
    return [each.calls[-1] for each in series if each.calls]


def _watch(sets: Sequence[ArgumentSet]) -> CanaryWatch | None:
    if not any(each.canaries for each in sets):
        return None
    from refrace.hunting.leaks.canary_watch import CanaryWatch

    return CanaryWatch()


def _count_of(keep: list[Any]) -> int:
    return sys.getrefcount(keep[0])


def _name_of(call: Any) -> str:
    name = getattr(call, "__qualname__", None)
    if not isinstance(name, str):
        return shown(call, 60)
    name = name.rpartition("<locals>.")[2]
    module = getattr(call, "__module__", None)
    is_known = isinstance(module, str) and module not in {"builtins", "__main__"}
    return f"{module}.{name}" if is_known else name
