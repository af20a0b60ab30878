"""From a program to the explorer's model of it, and from its raw runs to traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any, Literal, cast

from refrace._base.arguments import a_kind, check_choice
from refrace._base.safe_repr import shown
from refrace.catalogue.mode import Mode, mode_number, modes
from refrace.environment import GIL_SETTINGS
from refrace.errors import InvalidArgumentType, InvalidProgram, LimitReached
from refrace.explorer.diagnostics import (
    check_operations,
    invalid_at,
    sections_of,
)
from refrace.explorer.model import Lowered, Model, lower
from refrace.findings import Finding, FindingKind
from refrace.programs import Program
from refrace.programs.text.printer import node_text
from refrace.traces.explain import History, explain
from refrace.traces.schedule import codes_of, labels_of, runners_of
from refrace.traces.steps import Change, TraceStep, Value, Wait
from refrace.traces.trace import Trace

__all__ = ["Subject", "subject_of", "within_memory"]

Gil = Literal["released", "held"]


@contextmanager
def within_memory() -> Iterator[None]:
    """Turn a failed allocation of the core into what the verbs promise.

    Raises
    ------
    LimitReached
        If there was not even memory for what is known so far.
    """
    try:
        yield
    except MemoryError:
        raise LimitReached(
            "memory ran out before anything could be told; end other programs, lower "
            "the limits, or make the program smaller"
        ) from None


def subject_of(program: Any, mode: Any, gil: Any) -> Subject:
    """Check the three and return the program as the explorer sees it.

    `program` may be text, or the path of a file.  Lines of the program that come up in
    results are those of its own text, ``str(program)``, so that a result does not
    depend on how the program came here; errors tell those of what was handed over.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If one of them has the wrong type, is malformed, or is unknown, or if the
        program makes an operation that the mode does not have.
    """
    if isinstance(program, str | bytes | PathLike):
        program = Program.parse(program)
    if not isinstance(program, Program):
        raise InvalidArgumentType(
            f"program={shown(program, 60)} is {a_kind(program)}; pass a "
            "refrace.Program, the text of one, or a pathlib.Path"
        )
    number = mode_number(mode)
    setting = cast(Gil, check_choice("gil", gil, GIL_SETTINGS))
    subject = Subject(Program.parse(str(program)), modes()[number], setting, program)
    check_operations(subject.written, subject.mode)
    return subject


@dataclass(frozen=True)
class Subject:
    """A program, a mode and a GIL setting: what every schedule is a schedule of.

    `written` is the program as it was handed over: the same, elsewhere in its text.
    """

    program: Program
    mode: Mode
    gil: Gil
    written: Program

    @cached_property
    def lowered(self) -> Lowered:
        """The program as flat arrays."""
        return lower(self.program)

    @cached_property
    def runners(self) -> tuple[str, ...]:
        """Who can take steps, in the order of the explorer's numbers."""
        return runners_of(self.program)

    def model(self, only: str | None = None) -> Model:
        """Return a new model; in one with `only`, the other threads do nothing."""
        alone = -1 if only is None else self.runners.index(only)
        return Model(self.lowered, mode_number(self.mode), self.gil == "held", alone)

    def trace(
        self, model: Model, codes: Sequence[int], kind: FindingKind | None = None
    ) -> Trace:
        """Run a schedule and return its trace; `kind` is what it is meant to show."""
        return self.trace_of(model.replay(list(codes)), codes, kind)

    def trace_of(
        self, raw: dict[str, Any], codes: Sequence[int], kind: FindingKind | None
    ) -> Trace:
        """Return the trace of a raw run.

        That a run is a livelock no run shows: it is a fact about all that could follow,
        so it is told where `kind` says so and something could.
        """
        steps = tuple(
            self._step(number, record) for number, record in enumerate(raw["steps"], 1)
        )
        waits = tuple(
            Wait(
                self.runners[wait["thread"]],
                wait["for"],
                None if wait["held_by"] is None else self.runners[wait["held_by"]],
            )
            for wait in raw["waits"]
        )
        found = raw["findings"]
        is_livelock = kind is FindingKind.LIVELOCK and bool(raw["enabled"])
        if is_livelock:
            found = [*found, {"kind": str(kind), "object": None}]
        bare = Trace(
            program=self.program,
            mode=self.mode.name,
            gil=self.gil,
            schedule=labels_of(codes, self.runners)[: len(steps)],
            steps=steps,
            preemptions=raw["preemptions"],
            finding=None,
            others=(),
            waits=waits,
            is_whole=raw["ended"] or is_livelock,
        )
        history = History(bare, raw["state"], self._going_on(raw["enabled"]))
        findings = [
            Finding(FindingKind(one["kind"]), one["object"], explain(history, one))
            for one in found
        ]
        findings.sort(key=lambda finding: finding.kind != kind)
        first = findings[0] if findings else None
        return bare.replace(finding=first, others=tuple(findings[1:]))

    def _going_on(self, codes: Sequence[int]) -> tuple[str, ...]:
        """Return the threads that the next codes are of."""
        return tuple(dict.fromkeys(self.runners[code // 4] for code in codes))

    def codes(self, schedule: Sequence[str]) -> tuple[int, ...]:
        """Return the explorer's numbers of a schedule.

        Raises
        ------
        InvalidData
            If an item of it names no thread.
        """
        return codes_of(schedule, self.runners)

    def misuse(
        self, model: Model, error: dict[str, Any], *, tells_way: bool = True
    ) -> InvalidProgram:
        """Return the exception for what no program may do, with the way there."""
        codes = error["schedule"]
        raw = model.replay(list(codes))
        trace = self.trace_of(raw, codes, None)
        thread, statement = raw["error_thread"], raw["error_statement"]
        who = "the program" if thread < 0 else self.runners[thread]
        problem = f"{who} {error['message']}"
        way = f"the way there: refrace replay {trace.token}" if tells_way else ""
        # The core numbers statements in the order in which the sections have them.
        place = sections_of(self.written)[statement] if statement >= 0 else None
        found = invalid_at(self.written, place, problem, way)
        found.trace = trace
        return found

    def _step(self, number: int, record: dict[str, Any]) -> TraceStep:
        statement = record["statement"]
        node = None if statement is None else self.lowered.statements[statement]
        access = record["event"] == "access"
        choice = record["choice"]
        return TraceStep(
            number=number,
            thread=self.runners[record["thread"]],
            event=record["event"],
            operation=record["operation"],
            statement=None if node is None else node_text(node),
            program_line=None if node is None else node.line,
            begins=record["begins"],
            completes=record["completes"],
            c_text=record["text"] if access else None,
            c_file=record["file"] if access else None,
            c_line=record["line"] if access else None,
            object=record["object"],
            place=record["place"],
            before=self._value(record, "before"),
            after=self._value(record, "after"),
            count=_pair(record["count"]),
            ledger=_pair(record["ledger"]),
            result=record["result"],
            has_result=record["has_result"],
            taken=None if choice is None else bool(choice),
            preempts=record["preempts"],
            changes=tuple(Change(*change) for change in record["changes"]),
        )

    def _value(self, record: dict[str, Any], which: str) -> Value:
        value: int | str | list[str | None] | None = record[which]
        if isinstance(value, list):
            return tuple(value)
        if isinstance(value, int) and self._is_lock(record):
            return self.runners[value]
        return value

    def _is_lock(self, record: dict[str, Any]) -> bool:
        place = record["place"] or ""
        is_of_a_count = place == "gil" or place.endswith("count_lock")
        return is_of_a_count or record["operation"] in ("lock", "unlock")


def _pair(numbers: Any) -> tuple[int | None, int] | None:
    return None if numbers is None else (numbers[0], numbers[1])
