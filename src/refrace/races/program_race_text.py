"""The text of a race of a program: natural and widened rounds, never summed."""

from __future__ import annotations

from typing import Protocol

from refrace.display.blocks import Block, Paragraph, Table
from refrace.environment import Environment
from refrace.findings import Finding
from refrace.programs import Program
from refrace.races.rounds import Rounds, WidenedRounds
from refrace.traces.outcome_text import finding_blocks, kinds_text
from refrace.traces.trace import Trace

__all__ = ["answer_of", "body_of"]

CONTENTION = {
    "none": (
        "The program orders its threads itself: in no reachable state can two threads "
        "run."
    ),
    "steps": (
        "The program keeps counting operations apart: in no reachable state can two "
        "threads count the same object."
    ),
}


class Raced(Protocol):
    """The attributes of a :class:`refrace.ProgramRace` that the text needs."""

    @property
    def program(self) -> Program: ...
    @property
    def mode(self) -> str: ...
    @property
    def gil(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def max_steps(self) -> int: ...
    @property
    def rounds_requested(self) -> int: ...
    @property
    def overlap(self) -> float: ...
    @property
    def parts(self) -> tuple[Rounds, ...]: ...
    @property
    def widened(self) -> WidenedRounds | None: ...
    @property
    def contention(self) -> str | None: ...
    @property
    def who_did_not_meet(self) -> str | None: ...
    @property
    def traces(self) -> tuple[Trace, ...]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def is_complete(self) -> bool: ...
    @property
    def inconclusive_because(self) -> str | None: ...
    @property
    def assumptions(self) -> tuple[str, ...]: ...

    @property
    def condition(self) -> str: ...
    @property
    def environment(self) -> Environment: ...


def _counted(number: int, what: str) -> str:
    one, _, rest = what.partition("rounds")
    return f"{number:,} {what}" if number != 1 else f"1 {one}round{rest}"


def _what(report: Raced, part: Rounds) -> str:
    """Return the noun for the rounds of one part."""
    if part is report.widened:
        return "rounds with widened gaps"
    return "rounds on real threads" if report.widened is None else "natural rounds"


def _rounds(report: Raced, part: Rounds) -> str:
    return _counted(part.rounds, _what(report, part))


def answer_of(report: Raced) -> str:
    """Return the result in one sentence."""
    name = report.mode + (", GIL held" if report.gil == "held" else "")
    return f"{name}: {_answer(report)}"


def _answer(report: Raced) -> str:
    parts = report.parts
    if not parts:
        return "stopped before the first round was complete."
    for part in parts:
        if part.disputed:
            return (
                f"{part.disputed:,} of {_rounds(report, part)} did something that the "
                "model of this mode cannot do."
            )
    wrong = [_wrong(report, part) for part in parts if part.corrupt_rounds]
    if wrong:
        right = [part for part in parts if not part.corrupt_rounds]
        wrong += [f"none of {_rounds(report, part)} had findings" for part in right]
        return "; ".join(wrong) + "."
    if any(part.known_rounds < part.rounds for part in parts):
        known = " and ".join(
            f"{part.known_rounds:,} of {_rounds(report, part)}" for part in parts
        )
        return f"no findings in {known}; the outcome of the others is unknown."
    clean = " and ".join(_rounds(report, part) for part in parts)
    if report.who_did_not_meet is not None:
        return f"no findings in {clean}, but {report.who_did_not_meet}: inconclusive."
    condition = f", {report.condition}" if report.condition else ""
    return f"no findings in {clean}{condition}, which is no proof."


def _wrong(report: Raced, part: Rounds) -> str:
    found = frozenset(kind for kinds in part.outcomes for kind in kinds)
    return (
        f"{part.corrupt_rounds:,} of {_rounds(report, part)} had findings: "
        f"{kinds_text(found, ', ')}"
    )


def body_of(report: Raced) -> list[Block]:
    """Return the assumptions, the outcomes, a run of each kind, and the figures."""
    blocks: list[Block] = [Paragraph(said) for said in report.assumptions]
    rows = _rows(report)
    if rows:
        heads = [
            "widened" if part is report.widened else "natural" for part in report.parts
        ]
        if report.widened is None:
            heads = ["rounds"]
        align = ">" * len(heads) + "<"
        blocks.append(Table((*heads, "outcome"), rows, align=align))
    blocks += finding_blocks(report.traces)
    blocks += [Paragraph(sentence) for sentence in _said(report)]
    return blocks


def _rows(report: Raced) -> list[tuple[str, ...]]:
    """Return a row for each outcome, with a column for each part."""
    rows: list[tuple[str, ...]] = []
    seen = dict.fromkeys(kinds for part in report.parts for kinds in part.outcomes)
    for kinds in seen:
        had = [part.outcomes.get(kinds) for part in report.parts]
        numbers = [0 if outcome is None else outcome.rounds for outcome in had]
        rows.append((*_numbers(numbers), kinds_text(kinds, " + ") or "intact"))
    for field, what in (
        ("undecided", "undecided: several orders explain what was seen"),
        ("cut", f"cut off after {report.max_steps:,} steps"),
        ("disputed", "disputed: no order of the accesses explains them"),
    ):
        numbers = [getattr(part, field) for part in report.parts]
        if any(numbers):
            rows.append((*_numbers(numbers), what))
    return rows


def _numbers(numbers: list[int]) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _counting(report: Raced, part: Rounds) -> str:
    said = f"{part.operations:,} counting operations"
    if len(report.program.threads) > 1 and report.gil == "released":
        said += f"; contended: {part.shared:,}; concurrent: {part.met:,}"
    return said


def _said(report: Raced) -> list[str]:
    n_threads = len(report.program.threads)
    threads = "1 thread" if n_threads == 1 else f"{n_threads} threads"
    said = []
    for part in report.parts:
        counting = _counting(report, part)
        if part is report.widened:
            said.append(f"Widened gaps, {part.elapsed_s:.3f} s: {counting}.")
            continue
        if n_threads > 1 and report.gil == "released":
            counting += f"; threads overlapped {report.overlap:.1%} of the time"
        what = "" if report.widened is None else "Natural rounds, "
        said.append(f"{what}{part.elapsed_s:.3f} s: {counting}.")
    said.append(f"{threads}, GIL {report.gil}.")
    if any(part.corrupt_rounds for part in report.parts):
        said.append(
            "Frequencies reflect timing on this machine"
            + (" or where threads paused" if report.widened is not None else "")
            + "; they are not probabilities."
        )
    elif report.contention in CONTENTION and n_threads > 1:
        said.append(CONTENTION[report.contention])
    if not report.is_complete:
        done = " and ".join(_rounds(report, part) for part in report.parts) or "none"
        said.append(f"Stopped early: {done} of {report.rounds_requested:,}.")
    elif report.widened is not None and not report.findings:
        said.append(
            "Threads paused at chosen places, so this does not depend on which threads "
            "happened to overlap."
        )
    if report.inconclusive_because is not None:
        said.append(f"Inconclusive: {report.inconclusive_because}.")
    said.append(f"{report.environment}; seed {report.seed}.")
    return said
