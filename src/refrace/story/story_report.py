"""The story of the GIL in chapters, with a measured figure for each claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding

__all__ = ["Chapter", "Measured", "Story"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One claim of the story and its measured figure.

    Attributes
    ----------
    claim : str
        The claim.
    figure : str
        The figure measured on this machine.
    is_shown : bool
        Whether the figure supports the claim; a single run may not show a race.
    """

    claim: str
    figure: str
    is_shown: bool

    @property
    def shown(self) -> str:
        """The figure, marked if it does not support the claim."""
        return self.figure if self.is_shown else f"not shown here: {self.figure}"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the story.

    Attributes
    ----------
    title : str
        A sentence without a full stop.
    words : tuple of str
        Paragraphs.
    measured : tuple of Measured
        The chapter's claims, in order.
    """

    title: str
    words: tuple[str, ...]
    measured: tuple[Measured, ...]

    def blocks(self) -> list[Block]:
        """Return the paragraphs and the claims of the chapter, without its title."""
        blocks: list[Block] = [Paragraph(text, indent=3) for text in self.words]
        blocks += [
            Paragraph(f"- {one.claim}: {one.shown}", indent=3, hang=2)
            for one in self.measured
        ]
        return blocks


@dataclass(frozen=True, slots=True)
class Story(Report):
    """What ``refrace demo`` tells.

    Attributes
    ----------
    chapters : tuple of Chapter
        In order; fewer than `chapters_planned` after an interrupt.
    chapters_planned : int
        Number of chapters of the complete story.
    elapsed_s : float
        Total time in seconds.
    environment : Environment
        Where it was measured.

    Notes
    -----
    The story has no findings: the corruption that it shows is intended.
    """

    format_name: ClassVar[str] = "refrace/story"

    chapters: tuple[Chapter, ...]
    chapters_planned: int
    elapsed_s: float
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Always empty: see the notes of the class."""
        return ()

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Every claim of every chapter, in order."""
        return tuple(one for chapter in self.chapters for one in chapter.measured)

    @property
    def is_complete(self) -> bool:
        """Whether the story ran to the end."""
        return len(self.chapters) == self.chapters_planned

    @property
    def conclusive(self) -> bool:
        """Whether the story ran to the end and showed every claim.

        If a claim was not shown, ``refrace demo`` marks it and still exits with 0.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "it was stopped early; let it run to the end"
        missed = sum(not one.is_shown for one in self.measured)
        if not missed:
            return None
        claims = "1 claim was" if missed == 1 else f"{missed} claims were"
        return f"{claims} not shown on this machine: {self._why_not_all()}"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        shown = sum(one.is_shown for one in self.measured)
        stopped = "" if self.is_complete else ", stopped early"
        return (
            f"{shown} of {len(self.measured)} claims shown on this machine in "
            f"{self.elapsed_s:.0f} s{stopped}."
        )

    def _why_not_all(self) -> str:
        if self.environment.cores == 1:
            return (
                "the cost and gain of parallel threads cannot be shown on one core; "
                "use two idle cores"
            )
        return (
            "the cost and gain of parallel threads can be shown only if other "
            "processes leave them their cores; use two idle cores"
        )

    def table(self) -> Table:
        """Return every claim with its figure."""
        rows = [(one.claim, one.shown) for one in self.measured]
        return Table(("claim", "measured here"), rows, "<<")

    @property
    def closing_words(self) -> str:
        """The reason why claims were not shown, if any, and the environment."""
        reason = "" if self.conclusive else f"{self._reason()} "
        return f"{reason}{self.environment}."

    def body(self) -> list[Block]:
        """Return the chapters and the table of all claims."""
        blocks: list[Block] = []
        for number, chapter in enumerate(self.chapters, 1):
            blocks.append(Paragraph(f"{number}. {chapter.title}."))
            blocks += chapter.blocks()
        return [*blocks, self.table(), Paragraph(self.closing_words)]
