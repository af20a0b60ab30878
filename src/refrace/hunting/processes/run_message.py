"""A program and its run as JSON-ready data: what a child tells its parent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refrace._base.codec import encode
from refrace.hunting.describing.location import places_of
from refrace.hunting.limits import default_rounds

__all__ = ["program_message", "run_message"]

_LEAST_S = 0.01


def program_message(program: Any) -> dict[str, Any]:
    """Return what there is to say about a program before it runs."""
    return {
        "threads": len(program.threads),
        "operations": list(program.operations),
        "source": program.source(),
        "program": program.to_dict(),
    }


def run_message(
    engine: Any,
    subject: Any,
    program: Any,
    *,
    rounds: int | None,
    seconds: float,
    traps: bool,
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Run a program and return its result.

    Parameters
    ----------
    engine : module
        What runs it.
    subject : Subject
        What it calls.
    program : HuntProgram
        The program.
    rounds : int or None
        Its rounds; None is the default for its number of threads.
    seconds : float
        Time limit in seconds.
    traps : bool
        Whether canaries are trapped.
    progress : callable
        Called after each round.
    """
    threads = len(program.threads)
    run = engine.run_program(
        subject,
        program,
        rounds=rounds or default_rounds(threads, program.times),
        seconds=max(_LEAST_S, seconds),
        traps=traps,
        progress=progress,
    )
    observations = [
        {
            "kind": one.kind,
            "message": one.message,
            "operations": list(one.operations),
            "round": one.round,
            "places": encode(places_of(one.addresses)),
            "python_stacks": list(one.python_stacks),
            "native_trace": encode(one.native_trace),
            "native_run": encode(one.native_run),
        }
        for one in run.observations
    ]
    return {
        "threads": threads,
        "rounds": run.rounds,
        "rounds_with": dict(run.rounds_with),
        "observations": observations,
        "overlap": run.overlap,
        "seconds": run.seconds,
        "seconds_single": run.seconds_single,
        "not_compared": list(run.not_compared),
        "returned": sorted(run.returned),
        "raised": dict(run.raised),
        "taken": sorted(run.taken),
        "explored": None if run.explored is None else encode(run.explored),
        "traces": list(run.traces),
    }
