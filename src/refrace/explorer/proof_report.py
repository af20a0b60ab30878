"""The result of checking a mode against every small program: a proof or a witness."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self

from refrace._base.codec import ADDED_LATER
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.bars import Bar, Part, bars_picture
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.explorer.limits import MAKE_SMALLER, ProofLimit
from refrace.explorer.scenarios import current_name, meaning_of
from refrace.findings import Finding, Findings
from refrace.traces.trace import Trace, setting_of

__all__ = ["CorpusPart", "Proof", "ProofScenario", "ScenarioLeftOut"]


@dataclass(frozen=True, slots=True)
class CorpusPart:
    """The programs with one number of threads.

    Attributes
    ----------
    threads : int
        Number of threads of each program.
    steps : int
        Most counting steps of a program, over all its threads.
    programs : int
        How many programs there are, up to the order of threads.
    explored : int
        How many programs were explored exhaustively.
    states : int
        Distinct states of the explored programs.
    """

    threads: int
    steps: int
    programs: int
    explored: int
    states: int


@dataclass(frozen=True, slots=True)
class ProofScenario:
    """A program beyond the corpus that was explored.

    Attributes
    ----------
    name : str
        Its id.
    states : int
        Distinct states of the program.
    reads : bool
        Whether it increments a pointer that it only read.  That is correct only in a
        mode that protects reads (:attr:`Mode.protects_reads`).
    """

    name: str
    states: int
    reads: bool


@dataclass(frozen=True, slots=True)
class ScenarioLeftOut:
    """A program beyond the corpus that the mode is not checked against.

    Attributes
    ----------
    name : str
        Its id.
    why : str
        Why the mode is not checked against it.
    """

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Proof(ModeReport):
    """Outcome of :func:`refrace.prove`.

    Attributes
    ----------
    mode : str
        The refcount mode.
    claims_correct : bool
        Whether the mode claims to be correct.
    effort : {"small", "large"}
        The bounds of the corpus; `parts` has them in numbers.
    parts : tuple of CorpusPart
        The corpus, fewest threads first.
    scenarios : tuple of ProofScenario
        The scenarios explored after the corpus: a thread's end, a detached owner,
        hand-overs, quiescent points, owned fields, finalisers that count or resurrect.
    scenarios_planned : int
        How many scenarios the mode is checked against.
    left_out : tuple of ScenarioLeftOut
        The other scenarios: they use an operation that the mode lacks, or rely on a
        claim that it does not make.
    skipped : int
        Programs that fail in `atomic` too and so show nothing about the mode.
    witness : Trace or None
        The smallest run of the smallest program that fails in this mode and not in
        `atomic`: fewest threads, then fewest counting steps.  If no program of the
        corpus fails, the first scenario that does.
    limit : {"states", "seconds", "memory", "interrupt", "worker"} or None
        What stopped the work before every program up to the witness was explored;
        ``"worker"``: all others were, and a worker of the executor was lost.  With a
        witness, a smaller one may exist.
    elapsed_s : float
        Wall time in seconds.
    memory : {"sc", "c11"}
        The memory model.

    Notes
    -----
    A proof covers every schedule of every program of the corpus and of every scenario,
    in the memory model.  It does not cover larger programs or other steps; with
    ``memory="sc"`` it does not cover memory orders.
    """

    format_name: ClassVar[str] = "refrace/proof"

    mode: str
    claims_correct: bool
    effort: Literal["small", "large"]
    parts: tuple[CorpusPart, ...]
    scenarios: tuple[ProofScenario, ...]
    scenarios_planned: int
    left_out: tuple[ScenarioLeftOut, ...]
    skipped: int
    witness: Trace | None
    limit: ProofLimit | None
    elapsed_s: float
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})

    @property
    def proved(self) -> bool:
        """Whether every schedule of every program was explored and none fails."""
        return self.witness is None and self.limit is None

    @property
    def scenario(self) -> str | None:
        """The id of the witness's scenario; None if it is of the corpus, or if none."""
        is_scenario = self.witness is not None and self.scenarios
        return self.scenarios[-1].name if is_scenario else None

    @property
    def programs(self) -> int:
        """How many programs were explored."""
        return sum(part.explored for part in self.parts) + len(self.scenarios)

    @property
    def states(self) -> int:
        """How many distinct states those programs have."""
        corpus = sum(part.states for part in self.parts)
        return corpus + sum(one.states for one in self.scenarios)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the witness shows; empty without one."""
        finding = None if self.witness is None else self.witness.finding
        return Findings(() if finding is None else (finding,))

    @property
    def conclusive(self) -> bool:
        """Whether there is a proof or a witness."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.limit is None or self.witness is not None:
            return None
        cure = {
            "states": "use effort='small'",
            "seconds": "raise max_seconds",
            "memory": "free memory",
            "interrupt": "let it finish",
            "worker": "run it again, or without executor",
        }.get(self.limit, MAKE_SMALLER)
        return f"not every program was explored ({self.limit}); {cure}"

    @property
    def _setting(self) -> str:
        return setting_of(self.mode, "released", self.memory)

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if self.witness is not None:
            kinds = ", ".join(str(finding.kind) for finding in self.findings)
            n = len(self.witness.program.threads)
            reads = self.scenario is not None and self.scenarios[-1].reads
            why = (
                "that counts what it read, which the mode claims to protect"
                if reads
                else "that is safe under `atomic`"
            )
            return f"{self._setting}: broken: {kinds}, in a {n}-thread program {why}."
        planned = sum(part.programs for part in self.parts) + self.scenarios_planned
        if self.proved:
            return (
                f"{self._setting}: proved: no schedule of any of the {planned:,} small "
                "programs fails."
            )
        return (
            f"{self._setting}: unfinished ({self.limit}): {self.programs:,} of "
            f"{planned:,} programs explored without a finding, which proves nothing."
        )

    def _bars(self) -> Picture:
        """Return how much of the corpus and of the scenarios was explored."""
        is_over = self.witness is not None
        bars = [
            _progress(
                f"{part.threads} threads",
                part.explored,
                part.programs,
                part.states,
                is_over,
            )
            for part in self.parts
        ]
        if self.scenarios_planned:
            done = len(self.scenarios)
            states = sum(one.states for one in self.scenarios)
            planned = self.scenarios_planned
            bars.append(_progress("scenarios", done, planned, states, is_over))
        return bars_picture(f"Proof of {self.mode}", bars, self.answer, unit="programs")

    def _runs(self) -> tuple[Trace, ...]:
        return () if self.witness is None else (self.witness,)

    def _picture(self) -> Picture:
        drawn = [] if self.witness is None else [self.witness.plot()]
        return stacked(self.answer, [self._bars(), *drawn])

    def body(self) -> list[Block]:
        """Return the witness, the bounds of the corpus, and what is not proved."""
        blocks: list[Block] = []
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        if self.witness is not None:
            article = "The smallest" if self.limit is None else "A"
            which = f"{article} program that shows it, and its smallest run:"
            if self.scenario is not None:
                about = meaning_of(self.scenario)
                which = f"The smallest run of the scenario {self.scenario}. {about}"
            if self.limit is not None:
                blocks.append(
                    Paragraph(
                        f"Not every smaller program was explored ({self.limit}); one "
                        "of them may fail too."
                    )
                )
            blocks += [
                Paragraph(which.rstrip()),
                *self.witness._blocks(),
            ]
        blocks.append(Illustration(self._bars()))
        blocks.append(
            Table(
                ("threads", "steps", "programs", "explored", "states"),
                [
                    (
                        str(part.threads),
                        f"up to {part.steps}",
                        f"{part.programs:,}",
                        f"{part.explored:,}",
                        f"{part.states:,}",
                    )
                    for part in self.parts
                ],
                "><>>>",
            )
        )
        if self.scenarios:
            rows = [
                (one.name, f"{one.states:,}", meaning_of(one.name))
                for one in self.scenarios
            ]
            blocks.append(Table(("scenario", "states", "what happens"), rows, "<><"))
        if self.left_out:
            left_out = [(one.name, one.why) for one in self.left_out]
            blocks.append(Table(("not checked", "why"), left_out, "<<"))
        if self.skipped:
            blocks.append(
                Paragraph(f"Skipped because they fail in atomic too: {self.skipped:,}.")
            )
        blocks.append(
            Paragraph(
                "The corpus: every program with that many threads and steps in all, up "
                "to the order of threads, made of incref, decref, use, unique, "
                "try_incref, upgrade of a slot and clearing it, on one object; each "
                "thread gives back what it takes. The scenarios exercise more of a "
                "mode than that. Larger programs and other steps are not covered. "
                + _COVERED[self.memory]
            )
        )
        return blocks

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`.

        Scenarios that an earlier version stored by another name get their present id.

        Raises
        ------
        InvalidData
            If `data` is of another format or version, does not fit it, or is of a mode
            that this refrace does not have.
        """
        # `slots=True` makes a new class, so that super() needs its arguments.
        proof = super(Proof, cls).from_dict(data)
        return replace(
            proof,
            scenarios=tuple(
                replace(one, name=current_name(one.name)) for one in proof.scenarios
            ),
            left_out=tuple(
                replace(one, name=current_name(one.name)) for one in proof.left_out
            ),
        )


_COVERED = {
    "sc": "Steps are sequentially consistent: a missing acquire cannot be found here.",
    "c11": "There is one more step, a write to the payload if `unique` allows it. "
    "Steps have the memory orders of C11 without load buffering.",
}
"""What a proof says about memory orders, by memory model."""


def _progress(name: str, done: int, planned: int, states: int, is_over: bool) -> Bar:
    """Return how many of some programs were explored; the rest may not be needed."""
    whole, rest = max(1, planned), planned - done
    return Bar(
        name,
        f"{states:,} states",
        [
            Part("explored", f"{done:,}", done / whole, "good"),
            Part(
                "not needed" if is_over else "not explored",
                f"{rest:,}",
                rest / whole,
                "none",
            ),
        ],
    )
