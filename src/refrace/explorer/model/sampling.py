"""Runs under random schedules, from the first to their tally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import Pulse

__all__ = ["Plan", "sample"]

HORIZON_RUNS = 16
"""Uniform runs from which PCT learns how long a run is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run: so many runs, how they are scheduled, how long they get."""

    runs: int
    strategy: str
    depth: int
    seed: int
    max_steps: int


Open: TypeAlias = Callable[[list[int], Plan, int], native_explorer.Sample]
"""From room for states, plan and horizon to a new sample."""


def sample(
    open_sample: Open, plan: Plan, pulse: Pulse
) -> tuple[dict[str, Any] | None, BaseException | None]:
    """Sample to the end; return the result, and what interrupted it if so.

    An interrupt that came before the first run, while PCT learned the length of runs,
    or with an error leaves no result.
    """
    horizon = 1
    if plan.strategy == "pct":
        trial = replace(plan, runs=HORIZON_RUNS, strategy="uniform", depth=1)
        raw, _, problem = _run(open_sample, trial, horizon, pulse)
        if problem is not None:
            return None, problem
        horizon = max(1, raw["longest"])
    raw, limit, problem = _run(open_sample, plan, horizon, pulse)
    if problem is not None and (raw["is_misused"] or not raw["runs"]):
        return None, problem
    error = None
    if raw["is_misused"]:
        message = native_explorer.misuse_message(raw["misuse"])
        error = {"schedule": raw["codes"], "message": message}
    result = {
        "runs": raw["runs"],
        "limit": limit,
        "too_long": raw["too_long"],
        "beyond_horizon": raw["beyond_horizon"] if plan.strategy == "pct" else 0,
        "horizon": horizon if plan.strategy == "pct" else None,
        "longest": raw["longest"],
        "outcomes": {frozenset(kinds_of(b)): n for b, n in raw["tally"].items()},
        "schedules": {
            kind: {
                "preemptions": preemptions,
                "steps": len(codes),
                "schedule": codes,
            }
            for kind, (preemptions, codes) in raw["found"].items()
        },
        "elapsed_s": pulse.elapsed(),
        "error": error,
    }
    return result, problem


def _run(
    open_sample: Open, plan: Plan, horizon: int, pulse: Pulse
) -> tuple[dict[str, Any], str | None, BaseException | None]:
    """Return the tallies, what ended the runs early, and what interrupted them."""
    capacity = [0] * native_explorer.N_CAPACITIES
    problem: BaseException | None = None
    while True:
        runner = open_sample(capacity, plan, horizon)
        is_in_time, stopped = True, "ran"
        try:
            while is_in_time and stopped == "ran" and runner.n_runs() < plan.runs:
                stopped = runner.advance(plan.runs)
                is_in_time = pulse.beat(partial(_runs_of, runner))
        except MemoryError:
            raise
        except BaseException as interrupt:
            problem = interrupt
        result = runner.result()
        if stopped == "grow" and problem is None:
            grow(capacity, result["lacks"])
            continue
        result["is_misused"] = stopped == "misused"
        is_cut = stopped != "misused" and result["runs"] < plan.runs
        why = "seconds" if problem is None else "interrupt"
        return result, why if is_cut else None, problem


def _runs_of(runner: native_explorer.Sample) -> dict[str, Any]:
    return {"runs": runner.n_runs()}
