"""Replay a schedule of native code, for the build that it was found in."""

from __future__ import annotations

import time
from collections import Counter
from os import PathLike
from typing import Any

from refrace._base.arguments import check_integer
from refrace._base.interrupts import interrupted
from refrace.environment import Environment
from refrace.errors import InvalidArgument, ReplayMismatch
from refrace.hunting.instrument.build_instrumented import InstrumentedBuild
from refrace.hunting.kinds import KINDS
from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ZygoteProcess
from refrace.hunting.schedules.asked import ENGINE, folders_of
from refrace.hunting.schedules.native_replay import NativeReplay, ReplayedFinding
from refrace.hunting.schedules.native_token import NativeRunKey, read_native_token
from refrace.hunting.schedules.variables import BUILD, REPLAY, SETTING
from refrace.hunting.search.sighting import Sighting, sighting_of_end, sightings_of_run
from refrace.subjects import HuntProgram, Subject

__all__ = ["replay_native"]

TIMES = 20
"""Runs, unless the caller says how many."""
MOST_TIMES = 10_000
_RUN_S = 60.0
"""Longest time of one process; a schedule of short operations takes milliseconds."""
_MOST_NOTES = 5


def replay_native(
    token: str,
    *,
    subject: Any = None,
    build: InstrumentedBuild | str | PathLike[str] | None = None,
    times: int | None = None,
) -> NativeReplay:
    """Run the schedule of a finding again, in child processes.

    Parameters, results and errors are those of :func:`refrace.replay`.
    """
    key = read_native_token(token)
    count = check_integer(
        "times", TIMES if times is None else times, low=1, high=MOST_TIMES
    )
    program = HuntProgram.from_dict(key.program)
    if key.kind not in KINDS:
        raise ReplayMismatch(
            f"the token is of a finding of kind {key.kind!r}, which this refrace does "
            "not know; replay it with the refrace that wrote it"
        )
    path = folders_of(key.folder or None if build is None else build)
    source = _source_of(key, subject)
    runs = _Runs(key, count)
    began = time.monotonic()
    try:
        with ZygoteProcess(
            source,
            engine=ENGINE,
            path=path,
            environ={SETTING: REPLAY, BUILD: "".join(path)},
        ) as zygote:
            while runs.left > 0 and runs.may_go_on:
                runs.run(zygote)
    except KeyboardInterrupt:
        raise interrupted(
            lambda: runs.report(program, time.monotonic() - began)
        ) from None
    return runs.report(program, time.monotonic() - began)


def _source_of(key: NativeRunKey, subject: Any) -> SubjectSource:
    if subject is None:
        if "<locals>" in key.subject or key.subject.startswith("__main__:"):
            raise InvalidArgument(
                f"the subject {key.subject} of the token cannot be imported; pass it "
                "as subject="
            )
        return SubjectSource(key.subject)
    if isinstance(subject, str):
        return SubjectSource(subject)
    return SubjectSource.of(Subject.of(subject).target)


class _Runs:
    """The runs of a schedule so far."""

    def __init__(self, key: NativeRunKey, times: int) -> None:
        self._key = key
        self._times = times
        self._seen: Counter[str] = Counter()
        self._sightings: dict[str, Sighting] = {}
        self._traces: list[str] = []
        self._runs = self._processes = 0
        self._notes: list[str] = []

    @property
    def left(self) -> int:
        """Runs that are still to do."""
        return self._times - self._runs

    @property
    def may_go_on(self) -> bool:
        """Whether processes do what they are asked for."""
        return len(self._notes) < _MOST_NOTES

    def run(self, zygote: ZygoteProcess) -> None:
        """Run what is left in one process, which may end in the middle."""
        before = zygote.rounds
        task = ChildTask(
            "run",
            programs=(self._key.program,),
            rounds=self.left,
            seconds=_RUN_S,
            seconds_each=_RUN_S,
            schedule=self._key.run.decisions,
        )
        self._processes += 1
        runs_before = self._runs
        end = zygote.run(task, self._hear)
        if self._runs == runs_before:  # it did not come to report them
            self._judge(end, zygote.rounds - before)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "program":
            self._check_builds(tuple((name, one) for name, one in message["builds"]))
        elif message["type"] == "run":
            self._runs += message["rounds"]
            self._seen.update(message["rounds_with"])
            self._traces += message["traces"]
            for one in sightings_of_run(message):
                self._sightings[one.kind] = one

    def _check_builds(self, here: tuple[tuple[str, str], ...]) -> None:
        known = dict(here)
        for module, wanted in self._key.run.builds:
            found = known.get(module)
            if found == wanted:
                continue
            what = "is not loaded here" if found is None else f"has build id {found}"
            raise ReplayMismatch(
                f"the token is of another build: {module} had build id {wanted} and "
                f"{what}; a schedule fits only its build, so hunt again"
            )

    def _judge(self, end: ChildEnd, completed: int) -> None:
        """Count the run that ended the process, and those before it."""
        sighting = sighting_of_end(end)
        if end.how == "refused":
            raise end.refusal()
        if end.how == "failed":
            raise RuntimeError(f"a child of the replay failed:\n{end.message}")
        if sighting is None:
            self._notes.append(f"a child was lost: {end.message or end.how}")
            self._runs += completed
            return
        self._runs += min(self.left, completed + 1)
        self._seen[sighting.kind] += 1
        self._sightings[sighting.kind] = sighting

    def report(self, program: HuntProgram, elapsed_s: float) -> NativeReplay:
        """Return the result."""
        key = self._key
        kinds = sorted(self._seen, key=lambda kind: kind != key.kind)
        expected = self._sightings.get(key.kind)
        return NativeReplay(
            subject=key.subject,
            kind=key.kind,  # type: ignore[arg-type]
            found=tuple(
                ReplayedFinding(
                    kind,  # type: ignore[arg-type]
                    self._sightings[kind].message,
                    program.operations,
                    self._seen[kind],
                )
                for kind in kinds
            ),
            shown=self._seen[key.kind],
            runs=self._runs,
            traces=len(set(self._traces)),
            same_trace=self._traces.count(key.run.digest),
            processes=self._processes,
            source=program.source(),
            threads=len(program.threads),
            builds=key.run.builds,
            steps=() if expected is None else expected.native_trace,
            notes=tuple(self._notes),
            elapsed_s=elapsed_s,
            environment=Environment.current(),
        )
