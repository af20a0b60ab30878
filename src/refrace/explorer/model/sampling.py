"""Runs a program under random schedules and tallies the outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import Deadline
from refrace.explorer.model.results import Misuse, Sampled, Way

__all__ = ["Plan", "horizon_of", "merged", "sample"]

HORIZON_RUNS = 16
"""Number of uniform runs from which PCT estimates the length of a run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many runs to do, how to schedule them, and how long they may get.

    The runs are the numbers `first` to ``first + runs - 1`` of the seed.  Without a
    `horizon`, a sample by PCT estimates it.
    """

    runs: int
    strategy: str
    depth: int
    seed: int
    max_steps: int
    first: int = 0
    horizon: int | None = None


Open: TypeAlias = Callable[[list[int], Plan, int], native_explorer.Sample]
"""Makes a sample from the capacity of states, the plan and the horizon."""


class _Runs(NamedTuple):
    """The tallies of some runs, and what stopped them."""

    numbers: native_explorer.SampleNumbers
    is_misused: bool
    limit: Literal["seconds", "interrupt"] | None
    problem: BaseException | None


def sample(
    open_sample: Open,
    plan: Plan,
    max_seconds: float,
    progress: Callable[[int], object] | None,
) -> tuple[Sampled | None, BaseException | None]:
    """Run a sample; return its result, and the interrupt if there was one.

    There is no result if the interrupt came before the first run, while PCT estimated
    the length of runs, or with an error.
    """
    deadline = _Clock(max_seconds, progress)
    try:
        horizon = _horizon(open_sample, plan, deadline)
    except MemoryError:
        raise
    except BaseException as problem:
        return None, problem
    done = _run(open_sample, plan, horizon, deadline)
    numbers, is_pct = done.numbers, plan.strategy == "pct"
    if done.problem is not None and (done.is_misused or not numbers.runs):
        return None, done.problem
    error = None
    if done.is_misused:
        message = native_explorer.misuse_message(numbers.misuse)
        error = Misuse(numbers.codes, message)
    result = Sampled(
        runs=numbers.runs,
        limit=done.limit,
        too_long=numbers.too_long,
        outgrown=numbers.outgrown,
        beyond_horizon=numbers.beyond_horizon if is_pct else 0,
        horizon=horizon if is_pct else None,
        longest=numbers.longest,
        outcomes={frozenset(kinds_of(b)): n for b, n in numbers.tally.items()},
        schedules={
            kind: Way(preemptions, len(codes), codes)
            for kind, (preemptions, codes) in numbers.found.items()
        },
        elapsed_s=deadline.elapsed(),
        error=error,
    )
    return result, done.problem


def horizon_of(open_sample: Open, plan: Plan, max_seconds: float) -> int | None:
    """Return the length of a run that PCT expects; None for the uniform strategy."""
    if plan.strategy != "pct":
        return None
    return _horizon(open_sample, plan, _Clock(max_seconds, None))


def _horizon(open_sample: Open, plan: Plan, deadline: _Clock) -> int:
    if plan.strategy != "pct":
        return 1
    if plan.horizon is not None:
        return plan.horizon
    trial = replace(plan, runs=HORIZON_RUNS, strategy="uniform", depth=1)
    first = _run(open_sample, trial, 1, deadline)
    if first.problem is not None:
        raise first.problem
    return max(1, first.numbers.longest)


def merged(
    parts: Iterable[Sampled],
    limit: Literal["seconds", "interrupt", "worker"] | None,
    elapsed_s: float,
) -> Sampled:
    """Return the sample of all runs of some samples with one plan.

    `parts` are in the order of their runs, at least one; those after the first error
    do not count.
    """
    kept: list[Sampled] = []
    for part in parts:
        kept.append(part)
        if part.error is not None:
            break
    outcomes: Counter[frozenset[str]] = Counter()
    ways: dict[str, Way] = {}
    for part in kept:
        outcomes.update(part.outcomes)
        for kind, way in part.schedules.items():
            if kind not in ways or way[:2] < ways[kind][:2]:
                ways[kind] = way
    return Sampled(
        runs=sum(part.runs for part in kept),
        limit=limit,
        too_long=sum(part.too_long for part in kept),
        outgrown=sum(part.outgrown for part in kept),
        beyond_horizon=sum(part.beyond_horizon for part in kept),
        horizon=kept[0].horizon,
        longest=max(part.longest for part in kept),
        outcomes=dict(outcomes),
        schedules=ways,
        elapsed_s=elapsed_s,
        error=kept[-1].error,
    )


class _Clock(Deadline):
    """The deadline of a sample; it reports how many runs are done."""

    def __init__(
        self, max_seconds: float, progress: Callable[[int], object] | None
    ) -> None:
        super().__init__(max_seconds, None if progress is None else self._show)
        self._progress = progress
        self.runner: native_explorer.Sample | None = None

    def _show(self) -> None:
        if self._progress is not None and self.runner is not None:
            self._progress(self.runner.n_runs())


def _run(open_sample: Open, plan: Plan, horizon: int, deadline: _Clock) -> _Runs:
    capacity = [0] * native_explorer.N_CAPACITIES
    problem: BaseException | None = None
    while True:
        runner = deadline.runner = open_sample(capacity, plan, horizon)
        is_in_time, stopped = True, "ran"
        try:
            while is_in_time and stopped == "ran" and runner.n_runs() < plan.runs:
                stopped = runner.advance(plan.runs)
                is_in_time = deadline.check()
        except MemoryError:
            raise
        except BaseException as interrupt:
            problem = interrupt
        numbers = runner.result()
        if stopped == "grow" and problem is None:
            grow(capacity, numbers.lacks)
            continue
        is_misused = stopped == "misused"
        limit: Literal["seconds", "interrupt"] | None = None
        if not is_misused and numbers.runs < plan.runs:
            limit = "seconds" if problem is None else "interrupt"
        return _Runs(numbers, is_misused, limit, problem)
