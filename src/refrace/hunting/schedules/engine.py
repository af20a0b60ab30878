"""What a child of a hunt with schedules runs, in place of `refrace.hunting.engine`.

A zygote imports this module before the subject, so the extensions find the runtime.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from refrace.errors import EnvironmentUnfit, InvalidArgument
from refrace.hunting.schedules import runtime

runtime.load()  # before anything imports an instrumented extension

from refrace._native import schedule as native  # noqa: E402
from refrace.hunting.execution import Observation, ProgramRun, smaller  # noqa: E402
from refrace.hunting.schedules.build_id import build_of  # noqa: E402
from refrace.hunting.schedules.debug_info import prepare  # noqa: E402
from refrace.hunting.schedules.explore import (  # noqa: E402
    explore_program,
    replay_program,
)
from refrace.hunting.schedules.explored import Level  # noqa: E402
from refrace.hunting.schedules.native_token import NativeRun  # noqa: E402
from refrace.hunting.schedules.outcomes import Explored, digest_of  # noqa: E402
from refrace.hunting.schedules.search import Schedule, Search  # noqa: E402
from refrace.hunting.schedules.searches import search_of  # noqa: E402
from refrace.hunting.schedules.variables import BUILD, REPLAY, SETTING  # noqa: E402
from refrace.strategies.draw_thread_programs import draw_programs as draw  # noqa: E402
from refrace.subjects import HuntProgram, Noise, Subject  # noqa: E402

__all__ = [
    "builds",
    "draw_programs",
    "prepare_child",
    "program_from",
    "run_program",
    "smaller",
    "subject_of",
    "warm_up",
]


DEFAULT = "bounded:2:1"
REPLAYS = 20
"""How often a finding is run again, for its rate."""
MOST_CALLS = 2
"""Calls of each thread: longer programs have too many schedules."""
DRAWN = 12
"""Programs are drawn in lots of this size, and the shorter ones of a lot come first."""

_report_to = -1
_recorder: Any = None
_schedule: Schedule | None = None
_is_open = False
# The subject has not been loaded yet.
_before = frozenset(runtime.extension_files())


def prepare_child(
    report_to: int, recorder: Any, schedule: Schedule | None = None
) -> None:
    """Note where a deadlock is reported and decisions are recorded, before all runs.

    With `schedule`, the child runs only that one.
    """
    if len(recorder) < native.FLIGHT_BYTES:
        raise EnvironmentUnfit(
            f"{len(recorder):,} bytes of memory shared with the parent, of "
            f"{native.FLIGHT_BYTES:,} that record a schedule: the limit on the size of "
            "files is too low; raise it (ulimit -f)"
        )
    global _report_to, _recorder, _schedule
    _report_to, _recorder, _schedule = report_to, recorder, schedule
    recorder[: native.FLIGHT_BYTES] = bytes(native.FLIGHT_BYTES)


def builds() -> list[tuple[str, str]]:
    """Return file name and build id of each module whose schedules are chosen."""
    return [(*build_of(path),) for path in _scheduled()[0]]


def warm_up(subject: Subject) -> None:
    """Draw a few programs, so that what this loads and fills is there before a fork.

    Debug information is read too: each child with a finding needs it for its trace.

    A replay draws none.
    """
    if os.environ.get(SETTING) == REPLAY:
        return
    for path in runtime.instrumented_modules():
        with suppress(Exception):  # a trace without names is better than none
            prepare(path)
    with suppress(Exception):  # the child that draws the same reports it
        for _ in draw(subject, 0, 5, (2,)):
            pass


def subject_of(loaded: Any) -> Subject:
    """Return what a child runs programs of."""
    return Subject.of(loaded)


def program_from(stored: Mapping[str, Any]) -> HuntProgram:
    """Return a program from its stored form."""
    return HuntProgram.from_dict(stored)


def draw_programs(
    subject: Subject, seed: int, count: int, threads: Sequence[int]
) -> Iterator[HuntProgram]:
    """Draw short programs without noise; the shortest of each lot come first."""
    several = [number for number in threads if number > 1] or [2]
    lot: list[HuntProgram] = []
    seen: set[str] = set()
    for program in draw(subject, seed, count, several):
        short = replace(program, noise=Noise(), times=1)
        if any(len(calls) > MOST_CALLS for calls in short.threads):
            continue
        if short.digest not in seen:
            seen.add(short.digest)
            lot.append(short)
        if len(lot) == DRAWN:
            yield from sorted(lot, key=_length)
            lot = []
    yield from sorted(lot, key=_length)


def _length(program: HuntProgram) -> int:
    return sum(1 for _ in program.calls())


def run_program(
    subject: Subject,
    program: HuntProgram,
    *,
    rounds: int,
    seconds: float,
    traps: bool = False,
    progress: Callable[[int], object] | None = None,
) -> ProgramRun:
    """Try the schedules of a program, in place of rounds on real threads.

    Parameters
    ----------
    subject : Subject
    program : HuntProgram
    rounds : int
        How often the only schedule runs, if there is one; else the search decides
        how many schedules there are.
    seconds : float
        Wall time.
    traps : bool
        Ignored: the hooks see each access.
    progress : callable, optional
        Called with the number of schedules after each.
    """
    _open(len(program.threads))
    if _schedule is not None:
        return _replayed(subject, program, _schedule, rounds, seconds, progress)
    found = explore_program(
        subject, program, _search_for(program), seconds=seconds, progress=progress
    )
    observations: tuple[Observation, ...] = ()
    if found.seen:
        first = found.seen[0]
        again = replay_program(subject, program, first.schedule, REPLAYS)
        shown = again.kinds.count(first.kind)
        observations = (
            Observation(
                kind=first.kind,
                message=f"{first.message} ({_how(found, shown)})",
                operations=program.operations,
                round=found.schedules - 1,
                native_trace=again.steps,
                native_run=NativeRun(first.schedule, first.digest, tuple(builds())),
            ),
        )
    return ProgramRun(
        rounds=found.schedules,
        rounds_with={one.kind: 1 for one in observations},
        observations=observations,
        overlap=1.0,
        seconds=found.seconds,
        seconds_single=0.0,
        not_compared=tuple(found.not_compared),
        explored=found.figures(_bound(), _scheduled()[1]),
        returned=frozenset(found.returned),
        raised=found.raised,
    )


def _replayed(
    subject: Subject,
    program: HuntProgram,
    schedule: Schedule,
    times: int,
    seconds: float,
    progress: Callable[[int], object] | None,
) -> ProgramRun:
    """Run one schedule some times, and count what it showed."""
    began = time.perf_counter()
    again = replay_program(subject, program, schedule, times, seconds, progress)
    kinds = Counter(kind for kind in again.kinds if kind is not None)
    return ProgramRun(
        rounds=len(again.kinds),
        rounds_with=dict(kinds),
        observations=tuple(
            Observation(
                kind=kind,
                message=again.messages[kind],
                operations=program.operations,
                round=again.kinds.index(kind),
                native_trace=again.steps,
            )
            for kind in kinds
        ),
        overlap=1.0,
        seconds=time.perf_counter() - began,
        seconds_single=0.0,
        not_compared=(),
        traces=tuple(map(digest_of, again.hashes)),
    )


def _how(found: Explored, shown: int) -> str:
    first = found.seen[0]
    times = (
        "1 preemption" if first.preemptions == 1 else f"{first.preemptions} preemptions"
    )
    return f"{times}, schedule {found.schedules}; replays {shown} of {REPLAYS} times"


def _bound() -> int | None:
    strategy, preemptions, _ = _asked()
    return preemptions if strategy == "bounded" else None


def _asked() -> tuple[str, int, bool]:
    strategy, preemptions, reduction = os.environ.get(SETTING, DEFAULT).split(":")
    return strategy, int(preemptions), reduction == "1"


def _search_for(program: HuntProgram) -> Search:
    strategy, preemptions, reduction = _asked()
    if _scheduled()[1] == "calls":
        reduction = False  # the memory that threads share is not seen
    seed = int(program.digest[:8], 16)
    return search_of(strategy, preemptions, seed, reduction)  # type: ignore[arg-type]


def _open(threads: int) -> None:
    global _is_open
    if _is_open:
        return
    files, _ = _scheduled()
    if not files:
        raise InvalidArgument(
            "no loaded extension module can be scheduled; import the extension that "
            "the operations call, or build it with refrace.build_instrumented and pass "
            "build="
        )
    for path in files:
        if runtime.starts_openmp(path):
            raise InvalidArgument(
                f"{path} runs loops on threads of OpenMP (prange), which cannot be "
                "scheduled; build it without -fopenmp, so that they run on one thread"
            )
    runtime.open_process(threads, flight=_recorder, report_to=_report_to, files=files)
    _is_open = True


def _scheduled() -> tuple[list[str], Level]:
    """Return the modules to schedule, and where in them a thread can be preempted."""
    hooked = runtime.instrumented_modules()
    if hooked or os.environ.get(BUILD):
        return hooked, "accesses"
    return runtime.other_modules(_before), "calls"
