"""Run a race program under random schedules."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from os import PathLike
from typing import Any, Literal, cast

from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.executors import check_executor
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode
from refrace.explorer.explore import MOST_SECONDS, smallest_first
from refrace.explorer.memory import memory_of
from refrace.explorer.minimisation import minimise
from refrace.explorer.model.deadline import OutOfTime
from refrace.explorer.model.results import Sampled, Way
from refrace.explorer.model.sampling import Plan
from refrace.explorer.sample_batches import SampleBatches
from refrace.explorer.sample_report import Sample, SampledOutcome
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import misuse_error, trace
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.syntax import Step, walk
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["sample"]

STRATEGIES = ("uniform", "pct")
MOST_RUNS = 2**40
MOST_STEPS = 1_000_000
MOST_DEPTH = 64
SEEDS = 2**64

# The share of the sampling time that minimisation may take, and its least value in
# seconds; never beyond the limit of the whole call.
MINIMISING_SHARE = 0.2
LEAST_MINIMISING_S = 1.0

# The same after an interrupt, in seconds.
AFTER_INTERRUPT_S = 0.05

# How long traces may be computed after the limit, or after an interrupt, in seconds.
TELLING_S = 0.08


@within_memory()
def sample(
    program: Program | str | bytes | PathLike[str],
    mode: str | Mode = "atomic",
    gil: Literal["released", "held"] = "released",
    *,
    memory: Literal["sc", "c11"] = "sc",
    history: int = 8,
    runs: int = 10_000,
    strategy: Literal["uniform", "pct"] = "uniform",
    depth: int = 3,
    seed: int | None = None,
    max_seconds: float = 60.0,
    max_steps: int = 10_000,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sample:
    """Run a program under random schedules, if it is too large to explore.

    Parameters
    ----------
    program : Program, str, bytes, or path
        The program, its text, or a `pathlib.Path` of its file.
    mode : str or Mode
        The refcount mode.  Default: ``"atomic"``.
    gil : {"released", "held"}
        As for :func:`refrace.explore`.  Default: ``"released"``.
    memory : {"sc", "c11"}
        The memory model: sequentially consistent, or that of C11, in which a load may
        see an old write and unordered accesses are findings.  Default: ``"sc"``.
    history : int
        Under C11: how many writes of a cell threads can still read, 1 to 15.  A run
        that needs more is an error.  Default: 8.
    runs : int
        Runs to do, 1 to 2**40.  Default: 10,000.
    strategy : {"uniform", "pct"}
        Choose uniformly among the possible next steps, or by random priorities that
        change at ``depth - 1`` random points (probabilistic concurrency testing).
        Default: ``"uniform"``.
    depth : int
        For ``"pct"``: the bug depth to aim at, 1 to 64.  Default: 3.
    seed : int, optional
        0 to 2**64 - 1; the same seed gives the same runs.  Default: random; the report
        has it.
    max_seconds : float
        Time limit in seconds, 0 to 1e9.  If it is too short for all runs, its last
        sixth is reserved for minimising the traces; otherwise minimising takes at most
        a fifth of the sampling time, or a second.  Kinds of findings for which no time
        is left have no trace.  Default: 60.
    max_steps : int
        Runs are cut off after this many steps, 1 to 1,000,000.  Default: 10,000.
    executor : concurrent.futures.Executor, optional
        Where the runs are done, in batches; see docs/how-to/more-machines.md.  The
        result is the same, except for the times.  Default: the calling thread.
    progress : callable, optional
        Called about ten times a second in the calling thread, with the number of runs
        done and of all runs.  Default: none.

    Returns
    -------
    Sample
        How often each outcome occurred, what that shows, and a small trace of each kind
        found, as far as time allowed.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, unknown, or out of range.
    InvalidProgram
        Also if the program uses the count as one word and the mode has no such word,
        and if a run makes an error of the program; `trace` of the exception leads
        there.
    LimitReached
        If there is not enough memory to start, or if an executor has done no run in
        time.
    EnvironmentUnfit
        If the workers of an executor cannot run refrace, or run another version.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the runs done by then, or is None if
        there were none.

    Notes
    -----
    Traces are minimised locally: no single change makes them smaller, but a smaller
    trace of another shape may exist.  A sample without findings is not a proof; see
    :attr:`Sample.bound` and :attr:`Sample.guarantee`.

    References
    ----------
    S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, "A randomized scheduler
    with probabilistic guarantees of finding bugs", ASPLOS 2010.

    Examples
    --------
    >>> import refrace
    >>> program = '''
    ... hold T1.x = A
    ... hold T2.x = A
    ... T1: decref x
    ... T2: decref x
    ... '''
    >>> sample = refrace.sample(program, "unlocked", runs=1000, seed=1)
    >>> [str(finding.kind) for finding in sample.findings]
    ['leak']
    """
    began = time.monotonic()
    session = session_of(program, mode, gil, memory_of(memory, history))
    runs = check_integer("runs", runs, low=1, high=MOST_RUNS)
    strategy = cast(
        Literal["uniform", "pct"], check_choice("strategy", strategy, STRATEGIES)
    )
    depth = check_integer("depth", depth, low=1, high=MOST_DEPTH)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    max_seconds = check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS)
    max_steps = check_integer("max_steps", max_steps, low=1, high=MOST_STEPS)
    executor = check_executor("executor", executor)
    check_callback("progress", progress)
    plan = Plan(runs, strategy, depth, seed, max_steps)
    on_runs = None if progress is None else lambda done: progress(done, runs)
    sampling_s = max(0.0, began + max_seconds - time.monotonic()) / (
        1 + MINIMISING_SHARE
    )
    batches = None
    if executor is not None:
        batches = SampleBatches(executor, session, plan, sampling_s, on_runs)
    found: Sampled | None = None

    def report(found: Sampled, share: float, limit: float) -> Sample:
        traces = _traces(session, found.schedules, share, limit)
        return _sample(
            session,
            found,
            traces=traces,
            strategy=strategy,
            depth=depth,
            seed=seed,
            runs_requested=runs,
            max_steps=max_steps,
            elapsed_s=time.monotonic() - began,
        )

    def report_at_once() -> Sample | None:
        known = found
        if known is None:
            known = batches.known() if batches else session.sampled_until_interrupt()
        limit = time.monotonic() + AFTER_INTERRUPT_S
        return None if known is None else report(known, AFTER_INTERRUPT_S, limit)

    try:
        if batches is None:
            found = session.sample(plan, sampling_s, on_runs)
        else:
            found = batches.run()
        if found.error is not None:
            raise misuse_error(session, found.error)
        share = max(LEAST_MINIMISING_S, MINIMISING_SHARE * found.elapsed_s)
        return report(found, share, began + max_seconds)
    except KeyboardInterrupt:
        raise interrupted(report_at_once) from None


def _sample(session: Session, found: Sampled, **asked: Any) -> Sample:
    outcomes = [
        SampledOutcome(frozenset(map(FindingKind, kinds)), times)
        for kinds, times in found.outcomes.items()
    ]
    outcomes.sort(key=_most_frequent_first)
    return Sample(
        program=session.program,
        mode=session.mode.name,
        gil=session.gil,
        memory=session.memory.model,
        history=session.memory.history,
        runs=found.runs,
        too_long=found.too_long,
        outgrown=found.outgrown,
        limit=found.limit,
        threads=_n_priorities(session),
        horizon=found.horizon,
        beyond_horizon=found.beyond_horizon,
        longest=found.longest,
        outcomes={outcome.kinds: outcome for outcome in outcomes},
        **asked,
    )


def _n_priorities(session: Session) -> int:
    """Return how many entities are scheduled: threads, and store buffers if used."""
    program = session.program
    if session.memory.model != "sc":
        return len(program.threads)
    bodies = [thread.body for thread in program.threads]
    bodies += [function.body for function in program.functions]
    puts = [
        node
        for body in bodies
        for node in walk(body)
        if isinstance(node, Step) and node.op == "put"
    ]
    return len(program.threads) * (2 if puts else 1)


def _traces(
    session: Session, ways: Mapping[str, Way], share: float, limit: float
) -> tuple[Trace, ...]:
    """Return a trace of each kind, minimised for at most `share` seconds.

    Kinds for which there is no time before the limit, or soon after it, have none.
    """
    deadline = min(time.monotonic() + share, limit)
    small = {
        kind: minimise(session, ways[kind].schedule, str(kind), deadline)
        for kind in in_order(map(FindingKind, ways))
    }
    traces = []
    left = max(0.0, limit - time.monotonic())
    cpu_deadline = time.thread_time() + left + TELLING_S
    for kind in sorted(small, key=lambda kind: len(small[kind])):
        try:
            traces.append(trace(session, small[kind], kind, cpu_deadline))
        except OutOfTime:
            break
    return smallest_first(traces)


def _most_frequent_first(outcome: SampledOutcome) -> tuple[Any, ...]:
    return (
        bool(outcome.kinds),
        -outcome.runs,
        [str(kind) for kind in in_order(outcome.kinds)],
    )
