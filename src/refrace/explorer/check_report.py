"""What each thread of a program does when it runs alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from refrace._base.codec import ADDED_LATER
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Preformatted, Table
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.explorer.limits import Limit
from refrace.findings import Finding, Findings
from refrace.programs import Program
from refrace.traces.outcome_text import finding_blocks, smallest_run
from refrace.traces.trace import Trace

__all__ = ["ProgramCheck", "ThreadCheck"]

_MEANING = {
    "fine": "nothing",
    "wrong": "incorrect without a race",
    "unbalanced": "correct only if another thread balances it",
    "waits": "waits for another thread",
    "unfinished": "unknown: not fully explored",
}


@dataclass(frozen=True, slots=True)
class ThreadCheck:
    """One thread, run while the others do nothing.

    Attributes
    ----------
    thread : str
        Its name.
    verdict : {"fine", "wrong", "unbalanced", "waits", "unfinished"}
        ``"wrong"``: the thread corrupts something before any other takes a step.
        ``"unbalanced"``: at its end counts and owners differ; another thread may be
        meant to balance them.  ``"waits"``: it cannot end alone.  ``"unfinished"``: a
        limit or an interrupt stopped its exploration.
    findings : tuple of Finding
        The findings of the thread alone.
    """

    thread: str
    verdict: Literal["fine", "wrong", "unbalanced", "waits", "unfinished"]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ProgramCheck(ModeReport):
    """Outcome of :func:`refrace.check`.

    Attributes
    ----------
    program : Program
        What was checked.
    mode : str
        The refcount mode.
    threads : tuple of ThreadCheck, shape (n_threads,)
        What each thread does alone.
    traces : tuple of Trace
        A run of the whole program for each finding that needs no race: one thread
        runs first, and no other takes a step.
    limit : {"states", "seconds", "memory", "interrupt"} or None
        What stopped the exploration of a thread: the interrupt, or else the first
        limit.
    memory : {"sc", "c11"}
        The memory model.

    Notes
    -----
    If every thread is fine alone, they may still race with each other; use
    :func:`refrace.explore` to find out.
    """

    format_name: ClassVar[str] = "refrace/check"

    program: Program
    mode: str
    threads: tuple[ThreadCheck, ...]
    traces: tuple[Trace, ...]
    limit: Limit | None
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})

    @property
    def is_wrong(self) -> bool:
        """Whether the program is incorrect even without a race."""
        return bool(self.traces)

    @property
    def conclusive(self) -> bool:
        """Whether a thread fails alone, or all were fully explored.

        This says nothing about what the threads do together.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        open_ones = [c.thread for c in self.threads if c.verdict == "unfinished"]
        if not open_ones:
            return None
        return (
            f"{', '.join(open_ones)} was not fully explored ({self.limit}); make the "
            "program smaller, or let it finish"
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What fails without a race."""
        return Findings(
            trace.finding for trace in self.traces if trace.finding is not None
        )

    @property
    def answer(self) -> str:
        """Whether the program is incorrect even without a race."""
        if self.is_wrong:
            wrong = [c.thread for c in self.threads if c.verdict == "wrong"]
            return f"Incorrect even without a race: {', '.join(wrong)} fails alone."
        if not self.conclusive:
            return f"Unfinished ({self.limit}): not every thread was fully explored."
        return "No thread fails alone; what they do together was not checked."

    def _picture(self) -> Picture:
        card = super(ProgramCheck, self)._picture()  # slots=True makes a new class
        drawn = [trace.plot() for trace in self.traces if trace.steps][:1]
        return stacked(self.answer, [card, *drawn])

    def body(self) -> list[Block]:
        """Return the program, a row for each thread, and a run to each finding."""
        rows = [
            (
                check.thread,
                ", ".join(str(finding.kind) for finding in check.findings),
                _MEANING[check.verdict],
            )
            for check in self.threads
        ]
        blocks: list[Block] = [
            Preformatted(str(self.program)),
            Table(("thread", "alone", "means"), rows, "<<<", limits=(0, 30, 0)),
        ]
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks += finding_blocks(self.traces)
        if self.traces:
            blocks += smallest_run(self.traces[0])
        return blocks
