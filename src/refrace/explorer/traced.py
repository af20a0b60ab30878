"""Turns a run of the core into its trace, or into the error that it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from refrace._native import explorer as native_explorer
from refrace.errors import InvalidProgram, ProgramTooLarge
from refrace.explorer.diagnostics import invalid_at, sections_of
from refrace.explorer.model.results import Misuse, Replay
from refrace.explorer.session import Session
from refrace.findings import Finding, FindingKind
from refrace.traces.explain import History, explain
from refrace.traces.schedule import labels_of, thread_of
from refrace.traces.state import Found
from refrace.traces.synchronisation import synchronised
from refrace.traces.trace import Trace

__all__ = ["misuse_error", "trace", "trace_of"]


def trace(
    session: Session,
    codes: Sequence[int],
    kind: FindingKind | None = None,
    cpu_deadline: float = math.inf,
) -> Trace:
    """Run a schedule and return its trace; `kind` is the finding it should show.

    Raises
    ------
    OutOfTime
        If the deadline, a time of `time.thread_time`, comes before the end of the run.
    """
    return trace_of(session, session.replay(codes, cpu_deadline), codes, kind)


def trace_of(
    session: Session, replay: Replay, codes: Sequence[int], kind: FindingKind | None
) -> Trace:
    """Return the trace of a run.

    A run alone does not show a livelock, which is a fact about all possible
    continuations.  The trace has that finding if `kind` says so and a step is possible.
    """
    found = list(replay.findings)
    is_livelock = kind is FindingKind.LIVELOCK and bool(replay.enabled)
    if is_livelock:
        found.append(Found(FindingKind.LIVELOCK))
    bare = Trace(
        program=session.program,
        mode=session.mode.name,
        gil=session.gil,
        schedule=labels_of(codes, session.runners)[: len(replay.steps)],
        steps=synchronised(replay.steps),
        preemptions=replay.preemptions,
        finding=None,
        others=(),
        waits=replay.waits,
        is_whole=replay.ended or is_livelock,
        memory=session.memory.model,
        history=session.memory.history,
    )
    going_on = dict.fromkeys(
        session.runners[thread_of(code)] for code in replay.enabled
    )
    history = History(bare, replay.state, tuple(going_on), replay.stopping)
    findings = [Finding(one.kind, one.object, explain(history, one)) for one in found]
    findings.sort(key=lambda finding: finding.kind != kind)
    first = findings[0] if findings else None
    return bare.replace(finding=first, others=tuple(findings[1:]))


def misuse_error(
    session: Session, misuse: Misuse, *, tells_way: bool = True
) -> InvalidProgram:
    """Return the exception for a run that ends in an error, with a token of the run.

    The error is one of the program, or a bound of the core.
    """
    replay = session.replay(misuse.schedule)
    run = trace_of(session, replay, misuse.schedule, None)
    thread, statement = replay.error_thread, replay.error_statement
    who = "the program" if thread < 0 else session.runners[thread]
    way = f"to see the run: refrace replay {run.token}" if tells_way else ""
    if statement < 0:  # in a free step: the thread's last statement led there
        lines = session.lowered.lines
        done = (
            lines.index(step.program_line)
            for step in reversed(replay.steps)
            if step.thread == who and step.program_line in lines
        )
        statement = next(done, -1)
    # The core numbers statements in the order of the sections.
    place = sections_of(session.program)[statement] if statement >= 0 else None
    is_limit = misuse.message in native_explorer.LIMIT_MESSAGES
    kind = ProgramTooLarge if is_limit else InvalidProgram
    found = invalid_at(session.program, place, f"{who} {misuse.message}", way, kind)
    found.trace = run
    return found
