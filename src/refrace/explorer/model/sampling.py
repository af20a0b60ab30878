"""Runs a program under random schedules and tallies the outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import Deadline
from refrace.explorer.model.results import Misuse, Sampled, Way

__all__ = ["Plan", "sample"]

HORIZON_RUNS = 16
"""Number of uniform runs from which PCT estimates the length of a run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many runs to do, how to schedule them, and how long they may get."""

    runs: int
    strategy: str
    depth: int
    seed: int
    max_steps: int


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
    horizon = 1
    if plan.strategy == "pct":
        trial = replace(plan, runs=HORIZON_RUNS, strategy="uniform", depth=1)
        first = _run(open_sample, trial, horizon, deadline)
        if first.problem is not None:
            return None, first.problem
        horizon = max(1, first.numbers.longest)
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
