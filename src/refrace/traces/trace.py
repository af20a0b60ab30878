"""One run of a race program: its steps and their result."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from refrace._base.codec import ADDED_LATER
from refrace._base.safe_repr import shown
from refrace.bit_layout import Word
from refrace.catalogue.mode import known_modes
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import (
    Block,
    Details,
    Illustration,
    Paragraph,
    Preformatted,
)
from refrace.display.export.chrome_trace import Slice, chrome_trace
from refrace.display.export.mermaid import sequence_diagram
from refrace.display.export.sarif import Place
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.space_time import Run
from refrace.display.pictures.space_time_drawing import space_time_picture
from refrace.findings import Finding, Findings
from refrace.programs import Program
from refrace.traces.run_picture import drawn_run
from refrace.traces.schedule import runners_of
from refrace.traces.space_time import code_lines, space_time
from refrace.traces.step_cells import cells_of
from refrace.traces.steps import TraceStep, Wait
from refrace.traces.token import RunKey, replay_command, steps_digest, token_of

__all__ = ["Trace", "setting_of"]


def setting_of(mode: str, gil: str, memory: str) -> str:
    """Return the mode, with what differs from the default setting."""
    held = ", GIL held" if gil == "held" else ""
    return mode + held + (", C11" if memory == "c11" else "")


def _several(n: int, what: str) -> str:
    return {0: f"no {what}", 1: f"1 {what}"}.get(n, f"{n} {what}s")


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
        the oldest write in T1's store buffer lands; ``"T1@1"`` if the step takes the
        newest write but one (C11).
    steps : tuple of TraceStep, shape (n_steps,)
        The steps.
    preemptions : int
        Number of switches away from a thread that could have continued; under C11 plus
        the number of steps that take an old write.
    finding : Finding or None
        The finding that the trace shows; None if there is none.
    others : tuple of Finding
        Other findings of the same run.
    waits : tuple of Wait
        The threads that can never continue; empty unless the run is a deadlock.
    is_whole : bool
        Whether the run is complete; False if the schedule ends earlier.
    memory : {"sc", "c11"}
        The memory model.
    history : int
        How many writes of a cell threads can still read (C11).

    Notes
    -----
    With ``memory="sc"`` bugs that need a weaker memory order, such as a missing
    acquire, do not appear, except for the writes that `put` leaves in a store buffer.
    The trace is the same on every machine and Python version.
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
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})
    history: int = field(default=8, metadata={ADDED_LATER: True})

    def _misfit(self) -> str | None:
        strange = {step.thread for step in self.steps} - {*runners_of(self.program)}
        if strange:
            return f"the program has no thread {shown(min(strange))}"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the run; the finding that the trace shows comes first."""
        found = () if self.finding is None else (self.finding, *self.others)
        return Findings(found)

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
                self.memory,
                self.history,
            )
        )

    @property
    def word_layout(self) -> tuple[Word, ...]:
        """The words that the mode keeps; empty if this refrace has no such mode.

        ``word.read(step.after)`` returns the values of the bit fields of a word.
        """
        known = known_modes().get(self.mode)
        return () if known is None else known.words

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
        return setting_of(self.mode, self.gil, self.memory)

    @property
    def _length(self) -> str:
        return "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"

    @property
    def size(self) -> str:
        """The length of the run: ``"4 steps, 1 preemption"``."""
        old = sum("@" in label for label in self.schedule)
        n = self.preemptions - old
        size = f"{self._length}, {_several(n, 'preemption')}"
        return f"{size}, {_several(old, 'old value')}" if old else size

    def table(self) -> list[Block]:
        """Return the space-time table: a column for each thread, time downwards."""
        threads = [thread.name for thread in self.program.threads]
        return space_time(self.steps, self.waits, threads, self.word_layout)

    def code(self) -> list[Block]:
        """Return the lines of C that the run executed, one table per file."""
        return code_lines(self.steps)

    def drawn(self) -> list[Block]:
        """Return the space-time diagram, with the table and the C lines as details."""
        if not self.steps:
            return []
        listed = [*self.table(), *self.code()]
        return [Illustration(self._picture()), Details("Steps and C lines", listed)]

    def _picture(self) -> Picture:
        if not self.steps and not self.waits:
            return super(Trace, self)._picture()  # slots=True makes a new class
        return space_time_picture(self._drawn_run())

    def _drawn_run(self) -> Run:
        found = self.finding
        return drawn_run(
            self.steps,
            self.waits,
            [thread.name for thread in self.program.threads],
            self.word_layout,
            found,
            title=self._setting + ("" if found is None else f": {found.kind}"),
            subtitle=self.size,
            verdict=self.answer if found is None else f"{found.message}.",
        )

    def _runs(self) -> tuple[Trace, ...]:
        return (self,)

    def stepper(self) -> Any:
        """Return the program to step through by hand, beginning with this run.

        Returns
        -------
        Stepper
            As :func:`refrace.step` returns it.

        Raises
        ------
        LimitReached
            If the program has more states than a page can hold.
        """
        from refrace.explorer.stepper import step

        return step(
            self.program,
            self.mode,
            self.gil,
            schedule=self.schedule,
            memory=self.memory,
            history=self.history,
        )

    def mermaid(self) -> str:
        """Return the run as the text of a Mermaid sequence diagram.

        GitHub displays it in a code block of the language ``mermaid``;
        :meth:`markdown` returns such a block.  A long run is shortened as in
        :meth:`svg`.
        """
        return sequence_diagram(self._drawn_run())

    def chrome_trace(self) -> str:
        """Return the run in the trace format of Chrome, as JSON for Perfetto.

        Each step takes a microsecond: a model has an order, but no time.
        """
        threads = [thread.name for thread in self.program.threads]
        names = (
            [*threads, "end"]
            if any(s.thread == "end" for s in self.steps)
            else (threads)
        )
        places = self.places()
        return chrome_trace(
            f"refrace: {self._setting}",
            names,
            [
                Slice(
                    names.index(step.thread),
                    place.said,
                    1000 * number,
                    1000 * (number + 1),
                    {"C line": f"{step.c_file}:{step.c_line}"} if step.c_file else {},
                )
                for number, (step, place) in enumerate(
                    zip(self.steps, places, strict=True)
                )
            ],
            {"answer": self.answer, "token": self.token},
        )

    def places(self) -> list[Place]:
        """Return the steps in words, each with its thread and its line of C."""
        places = []
        for step in self.steps:
            cells = cells_of(step, self.word_layout)
            said = cells.does
            if cells.place and cells.value:
                said += f" ({cells.place} {cells.value})"
            places.append(Place(step.thread, said, step.c_file, step.c_line))
        return places

    def body(self) -> list[Block]:
        """Return the program, the space-time table and the replay command."""
        blocks: list[Block] = [Preformatted(str(self.program), 2)]
        blocks += self.drawn()
        blocks += [Paragraph(f"Also {other}.") for other in self.others]
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        model = "C11" if self.memory == "c11" else "sequentially consistent"
        blocks.append(Paragraph(f"{self.size}, {model}. Replay:"))
        blocks.append(Preformatted(replay_command(self.token, self.mode), 2))
        return blocks
