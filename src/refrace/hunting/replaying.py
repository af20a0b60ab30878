"""Replay a stored run: of a program in a mode, or of native code in one build."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from refrace._base.safe_repr import shown
from refrace.catalogue.mode import Mode
from refrace.errors import InvalidArgument
from refrace.explorer.replay import replay as replay_trace
from refrace.hunting.schedules.native_token import is_native_token
from refrace.programs import Program
from refrace.traces.trace import Trace

if TYPE_CHECKING:
    from refrace.hunting.instrument.build_instrumented import InstrumentedBuild
    from refrace.hunting.schedules.native_replay import NativeReplay

__all__ = ["replay"]


def replay(
    run: Trace | str | bytes | dict[str, Any],
    *,
    program: Program | str | PathLike[str] | None = None,
    mode: str | Mode | None = None,
    gil: Literal["released", "held"] | None = None,
    subject: Any = None,
    build: InstrumentedBuild | str | PathLike[str] | None = None,
    times: int | None = None,
) -> Trace | NativeReplay:
    """Run a stored schedule again.

    The schedule of a trace runs in the model, and every step must do the same.  The
    schedule of a finding in native code (:attr:`HuntFinding.replay_token`) runs some
    times in child processes, and the result says how often it showed the finding.

    Parameters
    ----------
    run : Trace, str, bytes, or dict
        A trace, its JSON text or dictionary, or a token.  From an exploration or a
        sample (or its JSON), the smallest counterexample is used.
    program, mode, gil : optional
        What the run of a trace is expected to use; a difference is a mismatch.
        Default: what the run itself states.
    subject : type, callable or str, optional
        For native code: what the hunt was in, or its name, ``"MODULE:NAME"`` or
        ``"FILE.py:NAME"``.  Default: the name in the token.
    build : InstrumentedBuild or path, optional
        For native code: where the extension is.  Default: where it was.
    times : int, optional
        For native code: the number of runs, 1 to 10,000.  Default: 20.

    Returns
    -------
    Trace or NativeReplay
        The run as replayed, step by step; or how often native code showed the finding.

    Raises
    ------
    InvalidArgumentType
        If `run` is none of these.
    InvalidData
        If it is damaged, from another version, or has no counterexample.
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If another argument is invalid, or is for the other kind of run; if the subject
        cannot be loaded.
    InvalidProgram
        Also if the run makes an error of the program; `trace` of the exception is the
        run up to there.
    ReplayMismatch
        If the run is of another program, mode or GIL setting, if this version of
        refrace does not have the mode, or if a step cannot be taken or now does
        something else; for native code, if the extension is another build.  The message
        says what differs, and where.
    LimitReached
        If memory runs out.

    Notes
    -----
    A trace has the effect of each step; a token has a checksum of them.  Both detect a
    mode whose algorithm has changed; moved source lines do not matter.  A replay cannot
    verify that a livelock has no way out: only an exploration can.

    A schedule of native code fits one build of an extension, which the linker's build
    id identifies.  What refrace does not schedule, such as a sleep or a collection on a
    free-threaded build, may make some of its runs differ; the result says how many.

    Examples
    --------
    >>> import refrace
    >>> program = '''
    ... hold T1.x = A
    ... hold T2.x = A
    ... T1: decref x
    ... T2: decref x
    ... '''
    >>> trace = refrace.explore(program, "unlocked").counterexample()
    >>> refrace.replay(trace.to_json()) == refrace.replay(trace.token) == trace
    True
    """
    of_model = {"program": program, "mode": mode, "gil": gil}
    of_native = {"subject": subject, "build": build, "times": times}
    if is_native_token(run):
        _refuse(of_model, "a trace in a mode", "the schedule of native code")
        from refrace.hunting.schedules.replay_native import replay_native

        return replay_native(str(run), subject=subject, build=build, times=times)
    _refuse(of_native, "the schedule of native code", "a trace in a mode")
    return replay_trace(run, program=program, mode=mode, gil=gil)


def _refuse(others: dict[str, Any], meant: str, given: str) -> None:
    for name, value in others.items():
        if value is not None:
            raise InvalidArgument(
                f"{name}={shown(value)} is for {meant}, but the run is {given}; omit it"
            )
