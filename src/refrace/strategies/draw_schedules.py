"""A strategy for schedules of a program that are legal by construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from hypothesis import strategies as st

from refrace._base.arguments import check_integer
from refrace.catalogue.mode import Mode
from refrace.explorer.model.results import Misuse
from refrace.explorer.session import Session, session_of
from refrace.explorer.traced import misuse_error, trace_of
from refrace.programs import Program
from refrace.traces.schedule import thread_of
from refrace.traces.trace import Trace

__all__ = ["schedules"]

MOST_STEPS = 10_000


def schedules(
    program: Program | str | bytes,
    mode: str | Mode = "atomic",
    gil: Literal["released", "held"] = "released",
    *,
    max_steps: int = 100,
) -> st.SearchStrategy[Trace]:
    r"""Generate schedules of a program, each as the trace of the run that follows it.

    Parameters
    ----------
    program : Program, str, or bytes
        The program, or its text.
    mode : str or Mode
        The refcount mode.  Default: ``"atomic"``.
    gil : {"released", "held"}
        As for :func:`refrace.explore`.  Default: ``"released"``.
    max_steps : int
        Runs stop after this many steps, 0 to 10,000.  Default: 100.

    Returns
    -------
    SearchStrategy of Trace
        Its `schedule` gives the runner of each step, its `finding` the result.
        Shrinks to few preemptions: in the simplest schedule every thread runs as
        long as it can, and the first thread runs first.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, unknown, or out of range.

    Notes
    -----
    Each step is drawn from those that the explorer reports as possible, so the strategy
    discards no schedule.  Every schedule can be generated.  For the probability of
    findings under a fair scheduler, see :func:`refrace.explore`.

    Examples
    --------
    >>> from hypothesis import find
    >>> program = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    >>> leaks = schedules(program, "unlocked").filter(lambda run: run.finding)
    >>> find(leaks, lambda run: True).finding.kind
    <FindingKind.LEAK: 'leak'>
    """
    session = session_of(program, mode, gil)
    most = check_integer("max_steps", max_steps, low=0, high=MOST_STEPS)
    return _schedules(session, most)


@st.composite
def _schedules(draw: Callable[[Any], Any], session: Session, most: int) -> Trace:
    codes: list[int] = []
    while len(codes) < most:
        possible = session.choices(codes)
        if not possible:
            break
        now = thread_of(codes[-1]) if codes else 0
        possible.sort(key=lambda code: (thread_of(code) != now, code))
        codes.append(draw(st.sampled_from(possible)))
    found = session.replay(codes)
    if found.error is not None:
        raise misuse_error(session, Misuse(codes, found.error))
    return trace_of(session, found, codes, None)
