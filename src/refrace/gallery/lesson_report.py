"""A lesson of the teaching path: a run up to a question, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.display.report import Report
from refrace.explorer.exploration_report import MODEL, Exploration
from refrace.findings import Finding
from refrace.gallery.pattern_report import prose
from refrace.traces.outcome_text import smallest_run, told_findings
from refrace.traces.trace import Trace

__all__ = ["QUESTION", "Lesson", "LessonStep"]

QUESTION = "Which step may not come next?"


@dataclass(frozen=True, slots=True)
class LessonStep:
    """A step that is possible where the lesson asks.

    Attributes
    ----------
    runner : str
        Who takes it, as in :attr:`refrace.Trace.schedule`.
    does : str
        What it does.
    wrong, runs : int
        Of all runs that go on with it, those in which something goes wrong, and how
        many they are: counted one by one.
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
        Which lesson it is, from 1, and how many there are.
    title : str
        Some words.
    pattern, variant, rule : str
        What of the gallery it is about, and what to remember.
    gil : {"released", "held"}
        The setting of the GIL; the mode is `atomic`.
    before, after : str
        What is said before the question, and after the answer.
    beginning : Trace
        The run up to the question.
    steps : tuple of LessonStep
        What can come next; of exactly one some runs go wrong.
    bug : Trace
        The smallest run to the bug, of which `beginning` is the beginning.
    fix : str
        The idea of the mended program.
    proof : Exploration
        Every schedule of the mended program.

    Notes
    -----
    There are no findings: what goes wrong is what the lesson sets out to show.
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
            return "none of the steps is wrong"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Nothing: see the notes of the class."""
        return ()

    @property
    def proved(self) -> bool:
        """Whether the mended program is proved safe."""
        return self.proof.proved

    @property
    def conclusive(self) -> bool:
        """Whether the exploration of the mended program is conclusive."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        return self.proof.inconclusive_because

    @property
    def right_answer(self) -> LessonStep:
        """The step that may not come next."""
        return next(step for step in self.steps if step.wrong)

    @property
    def answer(self) -> str:
        """Number and title."""
        return f"Lesson {self.number} of {self.count}: {self.title}"

    def question(self) -> list[Block]:
        """Return what comes before the answer: words, program, run, choice of steps."""
        blocks: list[Block] = [*prose(self.before)]
        blocks.append(Preformatted(str(self.beginning.program)))
        gil = "" if self.gil == "released" else ", with the GIL held"
        blocks.append(Paragraph(f"The run so far{gil}:"))
        if self.beginning.steps:
            blocks += self.beginning.table()
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
            *told_findings([self.bug]),
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
        f"{step.runs:,} {'run goes' if step.runs == 1 else 'runs go'} wrong."
    )
