"""A lesson of the teaching path: a run up to a question, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import (
    Block,
    Details,
    Illustration,
    Paragraph,
    Preformatted,
)
from refrace.display.pictures.measures import Measure, Panel, measures_picture
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.display.report import Report
from refrace.explorer.claims import MODEL
from refrace.explorer.exploration_report import Exploration
from refrace.findings import Finding
from refrace.gallery.pattern_report import prose
from refrace.traces.outcome_text import finding_blocks, smallest_run
from refrace.traces.trace import Trace

__all__ = ["QUESTION", "Lesson", "LessonStep"]

QUESTION = "Which next step can lead to the bug?"


@dataclass(frozen=True, slots=True)
class LessonStep:
    """A step that is possible at the question of a lesson.

    Attributes
    ----------
    runner : str
        The runner that takes it, as in :attr:`refrace.Trace.schedule`.
    does : str
        What it does.
    wrong, runs : int
        The number of runs with findings among all runs that continue with this step,
        and the number of all these runs.  Both are counted run by run.
    """

    runner: str
    does: str
    wrong: int
    runs: int

    def __str__(self) -> str:
        return f"{self.runner}: {self.does}"


@dataclass(frozen=True, slots=True)
class Lesson(Report):
    """Outcome of :func:`refrace.lesson`.

    Attributes
    ----------
    number, count : int
        The number of the lesson, from 1, and the number of lessons.
    title : str
        A short title.
    pattern, variant, rule : str
        The pattern and variant of the gallery, and the rule to remember.
    gil : {"released", "held"}
        The setting of the GIL; the mode is that of the variant.
    before, after : str
        The text before the question, and the text after the answer.
    beginning : Trace
        The run up to the question.
    steps : tuple of LessonStep
        The possible next steps; exactly one of them can lead to a finding.
    bug : Trace
        The smallest run to the bug; `beginning` is a prefix of it.
    fix : str
        The idea of the fixed program.
    proof : Exploration
        The exploration of every schedule of the fixed program.

    Notes
    -----
    A lesson has no findings, because its bug is intended.
    """

    format_name: ClassVar[str] = "refrace/lesson"

    number: int
    count: int
    title: str
    pattern: str
    variant: str
    rule: str
    gil: Literal["released", "held"]
    before: str
    after: str
    beginning: Trace
    steps: tuple[LessonStep, ...]
    bug: Trace
    fix: str
    proof: Exploration

    def _misfit(self) -> str | None:
        if not any(step.wrong for step in self.steps):
            return "none of the steps leads to a finding"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Always empty: see the notes of the class."""
        return ()

    @property
    def proved(self) -> bool:
        """Whether the fixed program is proved safe."""
        return self.proof.proved

    @property
    def conclusive(self) -> bool:
        """Whether the exploration of the fixed program is conclusive."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        return self.proof.inconclusive_because

    @property
    def right_answer(self) -> LessonStep:
        """The step that can lead to the bug."""
        return next(step for step in self.steps if step.wrong)

    @property
    def answer(self) -> str:
        """Number and title."""
        return f"Lesson {self.number} of {self.count}: {self.title}"

    def _choices(self) -> Picture:
        """Return the possible steps, and how many of the runs after each go wrong."""
        rows = [
            Measure(
                step.runner,
                step.wrong / step.runs if step.runs else 0.0,
                f"{step.wrong:,} of {step.runs:,}",
                step.does,
                tone="bad" if step.wrong else "good",
            )
            for step in self.steps
        ]
        return measures_picture(
            QUESTION,
            [Panel("Runs that go wrong after each next step", rows)],
            scale="share of the runs",
        )

    def _picture(self) -> Picture:
        drawn = [self.beginning.plot()] if self.beginning.steps else []
        return stacked(self.answer, [*drawn, self._choices(), self.bug.plot()])

    def question(self) -> list[Block]:
        """Return the part before the answer: text, program, run, possible steps."""
        blocks: list[Block] = [*prose(self.before)]
        blocks.append(Preformatted(str(self.beginning.program)))
        gil = "" if self.gil == "released" else ", with the GIL held"
        blocks.append(Paragraph(f"The run so far{gil}:"))
        if self.beginning.steps:
            blocks.append(Illustration(self.beginning.plot()))
            blocks.append(Details("The steps as a table", self.beginning.table()))
        blocks.append(Paragraph(QUESTION, apart=True))
        blocks += [
            Paragraph(f"{number}. {step}", indent=2, hang=3)
            for number, step in enumerate(self.steps, 1)
        ]
        return blocks

    def solution(self) -> list[Block]:
        """Return the answer: the step, the whole run, the fix, its proof, the rule."""
        right = self.right_answer
        others = [step for step in self.steps if step is not right]
        blocks: list[Block] = [
            Paragraph(f"{right}.", apart=True),
            *(Paragraph(_share(step)) for step in (right, *others)),
            *prose(self.after),
            *finding_blocks([self.bug]),
            *smallest_run(self.bug),
            Paragraph(f"The fix: {self.fix}", apart=True),
            Preformatted(str(self.proof.program)),
            Paragraph(self.proof.answer),
            *([] if self.conclusive else [Paragraph(self._reason())]),
            Paragraph(MODEL),
            Paragraph(f"Remember: {self.rule}", apart=True),
            Paragraph(f"More: refrace gallery {self.pattern}"),
        ]
        return blocks

    def body(self) -> list[Block]:
        """Return question and solution."""
        return [*self.question(), *self.solution()]


def _share(step: LessonStep) -> str:
    return (
        f"If {step.runner} does `{step.does}`, {step.wrong:,} of "
        f"{step.runs:,} {'run shows' if step.runs == 1 else 'runs show'} a bug."
    )
