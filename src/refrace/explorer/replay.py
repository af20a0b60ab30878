"""Replay a stored run and check that it does the same."""

from __future__ import annotations

from dataclasses import fields
from os import PathLike
from typing import Any, Literal

from refrace._base.arguments import a_kind, check_choice
from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace.catalogue.mode import Mode, known_modes, modes
from refrace.environment import GIL_SETTINGS
from refrace.errors import (
    InvalidArgumentType,
    InvalidData,
    ReplayMismatch,
)
from refrace.explorer.exploration_report import Exploration
from refrace.explorer.memory import memory_of
from refrace.explorer.model.results import Misuse
from refrace.explorer.sample_report import Sample
from refrace.explorer.session import session_of, within_memory
from refrace.explorer.traced import misuse_error, trace_of
from refrace.programs import Program
from refrace.traces.schedule import codes_of
from refrace.traces.steps import TraceStep
from refrace.traces.token import RunKey, is_token, read_token, steps_digest
from refrace.traces.trace import Trace

__all__ = ["replay"]

# The position of C lines says nothing about what they do.
_MAY_DIFFER = ("c_file", "c_line")

_HOLDERS: tuple[type[Exploration | Sample], ...] = (Exploration, Sample)


@within_memory()
def replay(
    run: Trace | str | bytes | dict[str, Any],
    *,
    program: Program | str | PathLike[str] | None = None,
    mode: str | Mode | None = None,
    gil: Literal["released", "held"] | None = None,
) -> Trace:
    """Run the schedule of a trace again and check that every step does the same.

    This is the part of :func:`refrace.replay` that is about traces: arguments, errors
    and limits are described there.
    """
    stored = _stored(run)
    _check_expected(stored, program, mode, gil)
    kind = stored.kind if isinstance(stored, RunKey) else _kind_of(stored)

    _check_mode(stored.mode)
    memory = memory_of(stored.memory, stored.history)
    session = session_of(stored.program, stored.mode, stored.gil, memory)
    codes = codes_of(stored.schedule, session.runners)
    found = session.replay(codes)
    if found.error is not None:
        raise misuse_error(session, Misuse(codes, found.error), tells_way=False)
    if found.fits < len(codes):
        at = found.fits
        raise ReplayMismatch(
            f"step {at + 1} of {len(codes)}, {stored.schedule[at]}, cannot be taken: "
            f"{found.misfit}; the run is of another program, mode or version"
        )
    trace = trace_of(session, found, codes, kind)
    _check_same(stored, trace)
    return trace


_COMPARED = (
    "memory",
    "history",
    "steps",
    "preemptions",
    "is_whole",
    "waits",
    "finding",
    "others",
)
"""The fields of a trace that a replay must have too."""


def _stored(run: Any) -> Trace | RunKey:
    """Return the run that `run` holds in one of its forms."""
    if isinstance(run, Trace):
        return run
    if isinstance(run, Exploration | Sample):
        return _smallest(run)
    if isinstance(run, dict):
        return _from_dict(run)
    if isinstance(run, bytes):
        try:
            run = run.decode()
        except UnicodeDecodeError:
            raise InvalidData(
                "the run is not UTF-8 text; pass a replay token or the JSON of a trace"
            ) from None
    if not isinstance(run, str):
        raise InvalidArgumentType(
            f"run={shown(run, 60)} is {a_kind(run)}; pass a trace, its JSON, or a "
            "replay token"
        )
    if is_token(run):
        return read_token(run)
    try:
        data = load_json(run)
    except InvalidData:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidData(
            f"neither a replay token nor JSON: {run[:40]!r} ({error}); pass the "
            "`token` or the `to_json()` of a trace"
        ) from None
    return _from_dict(data)


def _from_dict(data: Any) -> Trace:
    if isinstance(data, dict):
        _check_mode(data.get("mode"))
        for holder in _HOLDERS:
            if data.get("format") == holder.format_name:
                return _smallest(holder.from_dict(data))
    return Trace.from_dict(data)


def _check_mode(name: Any) -> None:
    """Raise ReplayMismatch for a mode of another version, or of another file."""
    if isinstance(name, str) and name not in known_modes():
        before, is_loaded, _ = name.partition("@")
        same = [one for one in known_modes() if one.partition("@")[0] == before]
        if is_loaded and same:
            raise ReplayMismatch(
                f"the run is of mode {name!r:.60}, and the file of {same[-1]!r} has "
                "another content: it was changed since; replay the run with the file "
                "as it was, or explore the program again"
            )
        if is_loaded:
            raise ReplayMismatch(
                f"mode {name!r:.60} is that of a C file, by its content; load that "
                "file first, with refrace.load_mode(path) or --mode-file"
            )
        raise ReplayMismatch(
            f"mode {name!r:.60} is not in this refrace; replay it with the refrace "
            "that wrote it"
        )


def _smallest(result: Exploration | Sample) -> Trace:
    if not result.traces:
        raise InvalidData(f"nothing to replay: {result.answer}")
    return result.traces[0]


def _kind_of(trace: Trace) -> Any:
    return None if trace.finding is None else trace.finding.kind


def _check_expected(stored: Trace | RunKey, program: Any, mode: Any, gil: Any) -> None:
    """Raise ReplayMismatch if the run is not of what is expected."""
    expected = session_of(
        stored.program if program is None else program,
        _any_mode(stored) if mode is None else mode,
        "released" if gil is None else check_choice("gil", gil, GIL_SETTINGS),
    )
    if expected.program != stored.program:
        raise ReplayMismatch(
            "the run is of another program: "
            + _first_difference(str(stored.program), str(expected.program))
        )
    if mode is not None and expected.mode.name != stored.mode:
        raise ReplayMismatch(
            f"the run is of another mode: {stored.mode!r}, not {expected.mode.name!r}; "
            "a schedule fits only the mode it was made in"
        )
    if gil is not None and gil != stored.gil:
        raise ReplayMismatch(
            f"the run is of another GIL setting: {stored.gil!r}, not {gil!r}"
        )


def _any_mode(stored: Trace | RunKey) -> Any:
    """Return a mode that has the operations of the run's program."""
    changes_whole = bool(stored.program.facts.whole_count_changes)
    return stored.mode if changes_whole and stored.mode in known_modes() else modes()[0]


def _first_difference(theirs: str, ours: str) -> str:
    lines = theirs.split("\n"), ours.split("\n")
    for number, (one, other) in enumerate(zip(*lines, strict=False), 1):
        if one != other:
            return f"its line {number} is `{one.strip()}`, not `{other.strip()}`"
    return f"it has {len(lines[0])} lines, not {len(lines[1])}"


def _check_same(stored: Trace | RunKey, trace: Trace) -> None:
    """Raise ReplayMismatch unless the steps did what is stored."""
    if isinstance(stored, RunKey):
        if stored.digest != steps_digest(trace.steps):
            raise ReplayMismatch(
                f"the schedule fits, but its {len(trace.steps)} steps do not do what "
                f"they did when the token was written: mode {stored.mode!r} has "
                f"changed in this refrace; now: {trace.answer}"
            )
        return
    for number, (one, other) in enumerate(
        zip(stored.steps, trace.steps, strict=False), 1
    ):
        different = _differing(one, other)
        if different:
            raise ReplayMismatch(
                f"step {number} ({other.thread}, `{other.statement or other.operation}`"
                f") does something else: {different}; the trace is of another version "
                f"of mode {stored.mode!r}, or was changed"
            )
    for name in _COMPARED:
        was, now = getattr(stored, name), getattr(trace, name)
        if name == "steps":
            was, now = len(was), len(now)
        if was != now:
            raise ReplayMismatch(
                f"the end differs: {name} is {_brief(was)} in the trace and "
                f"{_brief(now)} now; the trace is of another version, or was changed"
            )


def _differing(one: TraceStep, other: TraceStep) -> str:
    for field in fields(TraceStep):
        was, now = getattr(one, field.name), getattr(other, field.name)
        if was != now and field.name not in _MAY_DIFFER:
            return f"{field.name} is {_brief(was)} in the trace and {_brief(now)} now"
    return ""


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
