"""Run each thread of a program alone to find bugs that need no race."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import Any, Literal

from refrace._base.arguments import check_integer, check_number
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode
from refrace.explorer.check_report import ProgramCheck, ThreadCheck
from refrace.explorer.explore import MOST_SECONDS, MOST_STATES
from refrace.explorer.limits import Limit
from refrace.explorer.memory import memory_of
from refrace.explorer.model.results import Explored
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import misuse_error, trace
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["check"]

MAX_BYTES = 2**28

_WAITING = (FindingKind.DEADLOCK, FindingKind.LIVELOCK)


@within_memory()
def check(
    program: Program | str | bytes | PathLike[str],
    mode: str | Mode = "atomic",
    *,
    memory: Literal["sc", "c11"] = "sc",
    history: int = 8,
    max_states: int = 1_000_000,
    max_seconds: float = 10.0,
) -> ProgramCheck:
    r"""Run each thread of a program alone to find bugs that need no race.

    Parameters
    ----------
    program : Program, str, bytes, or path
        The program, its text, or a `pathlib.Path` of its file.
    mode : str or Mode
        The refcount mode.  Default: ``"atomic"``.
    memory : {"sc", "c11"}
        The memory model: sequentially consistent, or that of C11, in which a load may
        see an old write and unordered accesses are findings.  Default: ``"sc"``.
    history : int
        Under C11: how many writes of a cell threads can still read, 1 to 15.  A run
        that needs more leaves the check unfinished.  Default: 8.
    max_states : int
        Most states for each thread, 1 to 2**40.  Default: 1,000,000.
    max_seconds : float
        Time limit for each thread in seconds, 0 to 1e9.  Default: 10.

    Returns
    -------
    ProgramCheck
        What each thread can do while the others do nothing, and a run of the whole
        program for each finding that needs no race.

    Raises
    ------
    UnknownMode, InvalidArgumentType, InvalidArgument
        If an argument is unknown, has the wrong type, or is out of range.
    InvalidProgram
        If the program is malformed, or if a thread alone makes an error such as
        unlocking a lock it does not hold; `trace` of the exception then has the run.
    LimitReached
        If there is not enough memory to start, or to make the stored states longer
        under C11.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was found by then.

    Notes
    -----
    A finding in the steps of one thread is proven for the whole program: the other
    threads need not run before it.  A finding at the end of a run is not: another
    thread may be meant to drop the remaining count.

    Examples
    --------
    >>> import refrace
    >>> found = refrace.check("hold T1.x = A\nT1: decref x ; use x").findings
    >>> [str(finding.kind) for finding in found]
    ['use-after-free']
    """
    session = session_of(program, mode, "released", memory_of(memory, history))
    max_states = check_integer("max_states", max_states, low=1, high=MOST_STATES)
    max_seconds = check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS)
    work = _Work(session)
    for thread in session.program.threads:
        alone = Session(
            session.program, session.mode, "released", thread.name, session.memory
        )
        try:
            found = alone.explore(max_states, max_seconds, MAX_BYTES)
            if found.error is not None:
                raise misuse_error(alone, found.error)
            work.take(thread.name, alone, found)
        except KeyboardInterrupt:
            raise interrupted(partial(work.broken_off, thread.name, alone)) from None
    return work.report()


class _Work:
    """The state of one check."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.limit: Limit | None = None
        self.checks: dict[str, ThreadCheck] = {}
        self.traces: dict[Any, Trace] = {}

    def take(self, thread: str, alone: Session, found: Explored) -> None:
        """Add the result of one thread."""
        one, proven = _judge(self.session, alone, thread, found)
        self.limit = self.limit or found.limit
        self.checks[thread] = one
        for run in proven:
            self.traces.setdefault((thread, run.finding), run)

    def broken_off(self, thread: str, alone: Session) -> ProgramCheck:
        """Return what is known after an interrupt during the check of a thread."""
        self.limit = "interrupt"
        known = alone.explored_until_interrupt()
        if known is not None:
            self.take(thread, alone, known)
        return self.report()

    def report(self) -> ProgramCheck:
        """Return the results so far; threads not yet checked are unfinished."""
        threads = [thread.name for thread in self.session.program.threads]
        return ProgramCheck(
            self.session.program,
            self.session.mode.name,
            tuple(
                self.checks.get(name) or ThreadCheck(name, "unfinished", ())
                for name in threads
            ),
            tuple(self.traces.values()),
            self.limit,
            self.session.memory.model,
        )


def _judge(
    session: Session, one: Session, thread: str, found: Explored
) -> tuple[ThreadCheck, list[Trace]]:
    """Return one thread's result, and the runs that prove it for the whole program."""
    proven, findings, kinds = [], [], in_order(map(FindingKind, found.schedules))
    for kind in kinds:
        schedule = found.schedules[kind].schedule
        together = trace(session, schedule, kind)
        alone = trace(one, schedule, kind)
        if together.finding is not None and together.finding.kind == kind:
            proven.append(together)
        if alone.finding is not None:
            findings.append(alone.finding)
    if proven:
        return ThreadCheck(thread, "wrong", tuple(findings)), proven
    if any(kind in _WAITING for kind in kinds):
        return ThreadCheck(thread, "waits", tuple(findings)), []
    if kinds:
        return ThreadCheck(thread, "unbalanced", tuple(findings)), []
    verdict = "fine" if found.limit is None else "unfinished"
    return ThreadCheck(thread, verdict, ()), []  # type: ignore[arg-type]
