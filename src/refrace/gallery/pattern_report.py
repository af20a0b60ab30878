"""A pattern of the gallery explained: its story, its bug, and the proof of its fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from refrace._base.codec import ADDED_LATER
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.display.text import WIDTH
from refrace.explorer.claims import model_of
from refrace.explorer.exploration_report import Exploration
from refrace.findings import Finding, Findings
from refrace.gallery import Bug, Idiom
from refrace.traces.outcome_text import finding_blocks, smallest_run

__all__ = ["PatternExplanation", "VariantExplanation", "prose"]

# A longer link does not fit on a line of an indented paragraph.
MOST_LINK = WIDTH - 4


def prose(text: str) -> list[Block]:
    """Return the paragraphs of a text, separated by empty lines, as blocks."""
    parts = re.split(r"\n\s*\n", text.strip())
    return [Paragraph(" ".join(part.split()), apart=True) for part in parts]


@dataclass(frozen=True, slots=True)
class VariantExplanation:
    """One variant of a pattern, explored.

    Attributes
    ----------
    id, class_name, what, fix : str
        As of :class:`refrace.gallery.Variant`.
    buggy, fixed : Exploration
        The explorations of every schedule of the buggy and of the fixed program.
    """

    id: str
    class_name: str
    what: str
    fix: str
    buggy: Exploration
    fixed: Exploration

    def blocks(self) -> Iterator[Block]:
        """Yield program, smallest run, fix, and proof of the fix."""
        yield Paragraph(f"{self.id}, {self.class_name}: {self.what}", apart=True)
        yield Preformatted(str(self.buggy.program))
        yield Paragraph(self.buggy.answer)
        yield from finding_blocks(self.buggy.traces[:1])
        for trace in self.buggy.traces[:1]:
            yield from smallest_run(trace)
        yield Paragraph(f"The fix: {self.fix}", apart=True)
        yield Preformatted(str(self.fixed.program))
        yield Paragraph(self.fixed.answer)
        yield from finding_blocks(self.fixed.traces[:1])


@dataclass(frozen=True, slots=True)
class PatternExplanation(ModeReport):
    """Outcome of :func:`refrace.explain_pattern`.

    Attributes
    ----------
    slug : str
        The pattern's name.
    number : int
        Its place in the gallery.
    rule, story : str
        The rule to remember, and how the bug happens.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        The setting of the GIL.
    variants : tuple of VariantExplanation
        Fewer than `variants_planned` after an interrupt.
    variants_planned : int
        Number of variants of the pattern that are applicable to the mode.
    idiom : Idiom
        C code with the bug, and what to write instead.
    bugs : tuple of Bug
        The real bugs behind it.
    not_applicable : tuple of str
        A sentence for each variant that is not applicable to the mode, and is not in
        `variants`.

    Notes
    -----
    The findings are those of the fixed programs only, because the bugs of the buggy
    programs are intended.
    """

    format_name: ClassVar[str] = "refrace/pattern"

    slug: str
    number: int
    rule: str
    story: str
    mode: str
    gil: Literal["released", "held"]
    variants: tuple[VariantExplanation, ...]
    variants_planned: int
    idiom: Idiom
    bugs: tuple[Bug, ...]
    not_applicable: tuple[str, ...] = field(default=(), metadata={ADDED_LATER: True})

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the fixed programs; empty if the mode counts correctly."""
        return Findings(finding for v in self.variants for finding in v.fixed.findings)

    @property
    def proved(self) -> bool:
        """Whether the fixed program of every variant is proved safe."""
        whole = len(self.variants) == self.variants_planned
        return whole and all(v.fixed.proved for v in self.variants)

    @property
    def conclusive(self) -> bool:
        """Whether a fixed program has findings, or all variants were explored.

        Without findings, the explorations of the buggy and of the fixed program of
        each variant must be conclusive.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if len(self.variants) < self.variants_planned:
            return "it was stopped early; let it run to the end"
        for variant in self.variants:
            for one in (variant.buggy, variant.fixed):
                if not one.conclusive:
                    return f"{variant.id}: {one.inconclusive_because}"
        return None

    @property
    def answer(self) -> str:
        """The rule."""
        return f"{self.number}. {self.slug}: {self.rule}"

    def _picture(self) -> Picture:
        drawn = [
            picture
            for variant in self.variants
            for picture in (variant.buggy.plot(), variant.fixed.plot())
        ]
        if not drawn:
            # slots=True makes a new class, so that super() needs its arguments.
            return super(PatternExplanation, self)._picture()
        return stacked(self.answer, drawn)

    def body(self) -> list[Block]:
        """Return story, variants, idiom and real bugs."""
        blocks: list[Block] = [*prose(self.story)]
        for variant in self.variants:
            blocks += variant.blocks()
        blocks += [Paragraph(sentence) for sentence in self.not_applicable]
        if len(self.variants) < self.variants_planned:
            blocks.append(
                Paragraph(
                    f"Stopped early: {len(self.variants)} of {self.variants_planned} "
                    "variants were explored."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        # In the order of the variants, each once; an interrupt may leave none.
        models = dict.fromkeys(model_of(v.buggy.memory) for v in self.variants)
        blocks += [Paragraph(model) for model in models or [model_of("sc")]]
        blocks.append(Paragraph(f"In C: {self.idiom.text}", apart=True))
        blocks.append(Preformatted(self.idiom.buggy.strip("\n")))
        blocks.append(Paragraph("Better:"))
        blocks.append(Preformatted(self.idiom.better.strip("\n")))
        if self.bugs:
            blocks.append(Paragraph("Real bugs:"))
        for bug in self.bugs:
            blocks += _bug_blocks(bug)
        return blocks


def _bug_blocks(bug: Bug) -> Iterator[Block]:
    year = f"about {bug.year}" if bug.year_inferred else str(bug.year)
    gil = "" if bug.gil == "n/a" else f"; with the GIL: {bug.gil}"
    cure = f" Fix: {bug.fix}" if bug.fix else ""
    text = f"- {bug.project}, {year} ({bug.variant}{gil}): {bug.what}{cure}"
    if len(bug.link) <= MOST_LINK:
        yield Paragraph(f"{text} {bug.link}", indent=2, hang=2)
    else:  # not wrapped, however long: a broken link is useless
        yield Paragraph(text, indent=2, hang=2)
        yield Preformatted(bug.link, indent=4)
