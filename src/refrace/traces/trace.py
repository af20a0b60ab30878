"""One run of a race program: its steps and their result."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace._base.safe_repr import shown
from refrace.bit_layout import Word
from refrace.catalogue.mode import modes
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.findings import Finding
from refrace.programs import Program
from refrace.traces.schedule import runners_of
from refrace.traces.space_time import code_lines, space_time
from refrace.traces.steps import TraceStep, Wait
from refrace.traces.token import RunKey, replay_command, steps_digest, token_of

__all__ = ["Trace"]


@dataclass(frozen=True, slots=True)
class Trace(ModeReport):
    """One run of a race program, step by step.

    Attributes
    ----------
    program : Program
        The program.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether the scheduler could switch threads at any step, or only where the GIL is
        released.
    schedule : tuple of str, shape (n_steps,)
        The thread of each step: ``"T1"``; ``"T1+"`` if T1 takes a `maybe`; ``"T1~"`` if
        the oldest write in T1's store buffer lands.
    steps : tuple of TraceStep, shape (n_steps,)
        The steps.
    preemptions : int
        Number of switches away from a thread that could have continued.
    finding : Finding or None
        The finding that the trace shows; None if there is none.
    others : tuple of Finding
        Other findings of the same run.
    waits : tuple of Wait
        The threads that can never continue; empty unless the run is a deadlock.
    is_whole : bool
        Whether the run is complete; False if the schedule ends earlier.

    Notes
    -----
    Steps are sequentially consistent: bugs that need a weaker memory order, such as a
    missing acquire, do not appear, except for the writes that `put` leaves in a store
    buffer.  The trace is the same on every machine and Python version.
    """

    format_name: ClassVar[str] = "refrace/trace"

    program: Program
    mode: str
    gil: Literal["released", "held"]
    schedule: tuple[str, ...]
    steps: tuple[TraceStep, ...]
    preemptions: int
    finding: Finding | None
    others: tuple[Finding, ...]
    waits: tuple[Wait, ...]
    is_whole: bool

    def _misfit(self) -> str | None:
        strange = {step.thread for step in self.steps} - {*runners_of(self.program)}
        if strange:
            return f"the program has no thread {shown(min(strange))}"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the run; the finding that the trace shows comes first."""
        return () if self.finding is None else (self.finding, *self.others)

    @property
    def token(self) -> str:
        """The run as one short text for :func:`refrace.replay`."""
        return token_of(
            RunKey(
                self.program,
                self.mode,
                self.gil,
                None if self.finding is None else self.finding.kind,
                self.schedule,
                steps_digest(self.steps),
            )
        )

    @property
    def word_layout(self) -> tuple[Word, ...]:
        """The words that the mode keeps; empty if this refrace has no such mode.

        ``word.read(step.after)`` returns the values of the bit fields of a word.
        """
        return next((mode.words for mode in modes() if mode.name == self.mode), ())

    @property
    def words(self) -> tuple[Word, ...]:
        """The former name of `word_layout`."""
        warnings.warn(
            "Trace.words is now called Trace.word_layout",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.word_layout

    @property
    def conclusive(self) -> bool:
        """Whether the run is complete or has a finding.

        A trace is one run: without a finding it says nothing about other runs.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.is_whole:
            return None
        return "the schedule ends before the run is complete; add more steps"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if self.finding is not None:
            return f"{self._setting}: {self.finding.kind}: {self.finding.message}."
        if self.is_whole:
            return f"{self._setting}: no finding in this run of {self._length}."
        return (
            f"{self._setting}: no finding in the first {self._length} of an incomplete "
            "run."
        )

    @property
    def _setting(self) -> str:
        return self.mode + (", GIL held" if self.gil == "held" else "")

    @property
    def _length(self) -> str:
        return "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"

    @property
    def size(self) -> str:
        """The length of the run: ``"4 steps, 1 preemption"``."""
        preempted = {0: "no preemption", 1: "1 preemption"}.get(
            self.preemptions, f"{self.preemptions} preemptions"
        )
        return f"{self._length}, {preempted}"

    def table(self) -> list[Block]:
        """Return the space-time table: a column for each thread, time downwards."""
        threads = [thread.name for thread in self.program.threads]
        return space_time(self.steps, self.waits, threads, self.word_layout)

    def code(self) -> list[Block]:
        """Return the lines of C that the run executed, one table per file."""
        return code_lines(self.steps)

    def body(self) -> list[Block]:
        """Return the program, the space-time table and the replay command."""
        blocks: list[Block] = [Preformatted(str(self.program), 2)]
        if self.steps:
            blocks += [*self.table(), *self.code()]
        blocks += [Paragraph(f"Also {other}.") for other in self.others]
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.size}, sequentially consistent. Replay:"))
        blocks.append(Preformatted(replay_command(self.token), 2))
        return blocks
