"""The result of a replay of native code: how often its schedule showed the finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.hunting.kinds import KINDS, HuntKind
from refrace.hunting.schedules.native_picture import native_picture
from refrace.hunting.schedules.native_trace import NativeStep, native_table

__all__ = ["NativeReplay", "ReplayedFinding"]


@dataclass(frozen=True, slots=True)
class ReplayedFinding:
    """A finding that a replay showed.

    Attributes
    ----------
    kind : str
        One of the kinds of :class:`HuntFinding`.
    message : str
        What was seen.
    operations : tuple of str
        The operations of the program.
    count : int
        In how many of the runs; at least 1.
    """

    kind: HuntKind
    message: str
    operations: tuple[str, ...]
    count: int

    def _misfit(self) -> str | None:
        return None if self.kind in KINDS else f"no finding has the kind {self.kind!r}"

    @property
    def object(self) -> None:
        """None: findings of a hunt are not about an object with a name."""

    def __str__(self) -> str:
        return f"{self.kind} in {', '.join(self.operations)}: {self.message}"


@dataclass(frozen=True, slots=True)
class NativeReplay(Report):
    """Outcome of :func:`refrace.replay` for a schedule of native code.

    Attributes
    ----------
    subject : str
        What ran.
    kind : str
        The kind of finding that the token is of.
    found : tuple of ReplayedFinding
        What the runs showed, the expected kind first; the same as `findings`.
    shown, runs : int
        How many of how many runs showed the expected kind.
    traces : int
        Different traces of the runs that came to their end; 1 if they did the same.
    same_trace : int
        Runs with the trace that the token was made of.
    processes : int
        Processes that ran them: each crash or deadlock ends one.
    source : str
        The program as text.
    threads : int
        Its number of threads.
    builds : tuple of (str, str)
        File name and build id of each scheduled extension module.
    steps : tuple of NativeStep
        The trace of the last run; empty if it ended the process.
    notes : tuple of str
        What happened besides.
    elapsed_s : float
        Wall time in seconds.
    environment : Environment
        The interpreter and machine.
    """

    format_name: ClassVar[str] = "refrace/native-replay"

    subject: str
    kind: HuntKind
    found: tuple[ReplayedFinding, ...]
    shown: int
    runs: int
    traces: int
    same_trace: int
    processes: int
    source: str
    threads: int
    builds: tuple[tuple[str, str], ...]
    steps: tuple[NativeStep, ...]
    notes: tuple[str, ...]
    elapsed_s: float
    environment: Environment

    def _misfit(self) -> str | None:
        if max(self.shown, self.same_trace) > self.runs:
            return "more runs showed something than there were"
        return None

    @property
    def findings(self) -> tuple[ReplayedFinding, ...]:  # type: ignore[override]
        """What the runs showed; empty if they showed nothing."""
        return self.found

    def _missing(self) -> str | None:
        if not self.runs:
            return "no run came to its end; see the notes below"
        return (
            "the schedule of the token shows nothing here, though the build is the "
            "same: something that refrace does not schedule decides; hunt again"
        )

    @property
    def answer(self) -> str:
        """How often the schedule showed the finding."""
        often = f"replays {self.shown} of {self.runs} times"
        return f"{self.subject}: {self.kind} {often}."

    def body(self) -> list[Block]:
        """Return the findings, the program, the trace, and the builds."""
        blocks: list[Block] = [
            Paragraph(f"{one} ({one.count} of {self.runs} runs)", apart=True)
            for one in self.found
        ]
        blocks.append(Preformatted(self.source.rstrip()))
        blocks.append(Paragraph(self._traces_text()))
        if self.steps:
            blocks.append(native_table(self.steps, self.threads))
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks += [Paragraph(f"- {note}", indent=2, hang=2) for note in self.notes]
        blocks += [Paragraph(f"{name}: build {one}.") for name, one in self.builds]
        blocks.append(Paragraph(f"{self.environment}; {self.elapsed_s:.1f} s."))
        return blocks

    def _picture(self) -> Picture:
        if not self.steps:
            return super(NativeReplay, self)._picture()  # slots=True makes a new class
        title = f"{self.subject}: {self.kind} under a chosen schedule"
        return native_picture(self.steps, self.threads, title, self.answer)

    def _traces_text(self) -> str:
        if not self.traces:
            return f"Each of the {self.runs} runs ended its process."
        if self.same_trace == self.runs:
            return "All runs had the trace of the token, point by point."
        return (
            f"{self.same_trace} of {self.runs} runs had the trace of the token, and "
            f"there were {self.traces} different ones: something that refrace does not "
            "schedule decides too, such as a sleep or a collection."
        )
