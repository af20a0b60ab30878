"""What holding a mode to every small program showed: a proof, or a witness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Table
from refrace.explorer.limits import Limit
from refrace.findings import Finding
from refrace.traces.trace import Trace

__all__ = ["CorpusPart", "Proof", "ProofScenario", "ScenarioLeftOut"]


@dataclass(frozen=True, slots=True)
class CorpusPart:
    """The programs with one number of threads.

    Attributes
    ----------
    threads : int
        Threads of each of them.
    steps : int
        Most counting steps of one, over all its threads.
    programs : int
        How many there are, up to the order of threads.
    explored : int
        How many of them every schedule was tried of.
    states : int
        Different states met in them.
    """

    threads: int
    steps: int
    programs: int
    explored: int
    states: int


@dataclass(frozen=True, slots=True)
class ProofScenario:
    """A program beyond the corpus, in which a scheme has to do more than count.

    Attributes
    ----------
    name : str
        What happens in it, in a few words.
    states : int
        Different states met in it.
    reads : bool
        Whether it counts what it has only read: right by what the mode claims of reads
        (:attr:`Mode.protects_reads`), and wrong where it claims nothing.
    """

    name: str
    states: int
    reads: bool


@dataclass(frozen=True, slots=True)
class ScenarioLeftOut:
    """A program beyond the corpus that says nothing of the mode.

    Attributes
    ----------
    name : str
        What happens in it, in a few words.
    why : str
        Why the mode is not held to it.
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
        What the mode says of its counting.
    effort : {"small", "large"}
        Which bounds the corpus had; `parts` has them in numbers.
    parts : tuple of CorpusPart
        The corpus, fewest threads first.
    scenarios : tuple of ProofScenario
        Those explored after the corpus: a thread's end, a sleeping owner, hand-overs,
        quiescent points, owned fields, a finaliser that counts, or resurrects.
    scenarios_planned : int
        How many there are to which the mode is held.
    left_out : tuple of ScenarioLeftOut
        The others: with an operation that the mode lacks, or right only by a claim that
        it does not make.
    skipped : int
        Programs that go wrong in `atomic` too, and so say nothing of the mode.
    witness : Trace or None
        The smallest run of the smallest program that goes wrong in this mode and not
        in `atomic`: fewest threads, then fewest counting steps.  If no program of the
        corpus does, that of the first scenario which does.
    limit : {"states", "seconds", "memory", "interrupt"} or None
        What ended the work before every program was explored.
    elapsed_s : float
        Wall time in seconds.

    Notes
    -----
    Proved is that no schedule of any program of the corpus goes wrong, in sequentially
    consistent steps, and none of any scenario.  Of larger programs, of other steps than
    those, and of memory orders that is no proof.
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
    limit: Limit | None
    elapsed_s: float

    @property
    def proved(self) -> bool:
        """Whether every schedule of every program was tried and none goes wrong."""
        return self.witness is None and self.limit is None

    @property
    def scenario(self) -> str | None:
        """The scenario that the witness is; None: a program of the corpus, or none."""
        is_scenario = self.witness is not None and self.scenarios
        return self.scenarios[-1].name if is_scenario else None

    @property
    def programs(self) -> int:
        """How many programs were explored."""
        return sum(part.explored for part in self.parts) + len(self.scenarios)

    @property
    def states(self) -> int:
        """How many states were met in them."""
        corpus = sum(part.states for part in self.parts)
        return corpus + sum(one.states for one in self.scenarios)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the witness shows; empty without one."""
        finding = None if self.witness is None else self.witness.finding
        return () if finding is None else (finding,)

    @property
    def conclusive(self) -> bool:
        """Whether it is proved, or there is a witness."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.limit is None:
            return None
        cure = {
            "states": "use effort='small'",
            "seconds": "raise max_seconds",
            "memory": "free memory",
            "interrupt": "let it run on",
        }[self.limit]
        return f"not every program was explored ({self.limit}); {cure}"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if self.witness is not None:
            kinds = ", ".join(str(finding.kind) for finding in self.findings)
            n = len(self.witness.program.threads)
            reads = self.scenario is not None and self.scenarios[-1].reads
            why = (
                "counts what it has read, which the mode claims to protect"
                if reads
                else "is right in atomic"
            )
            return (
                f"{self.mode}: broken: {kinds}, in a program of {n} threads that {why}."
            )
        planned = sum(part.programs for part in self.parts) + self.scenarios_planned
        if self.proved:
            return (
                f"{self.mode}: proved: none of the {planned:,} small programs goes "
                "wrong, however its threads are scheduled."
            )
        return (
            f"{self.mode}: unfinished ({self.limit}): {self.programs:,} of {planned:,} "
            "programs explored, nothing found, which proves nothing."
        )

    def body(self) -> list[Block]:
        """Return the witness, the bounds of the corpus, and what is not proved."""
        blocks: list[Block] = []
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        if self.witness is not None:
            which = "The smallest program that shows it"
            if self.scenario is not None:
                which = f"A program that shows it ({self.scenario})"
            blocks += [
                Paragraph(f"{which}, and its smallest run:"),
                *self.witness._blocks(),
            ]
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
            rows = [(one.name, f"{one.states:,}") for one in self.scenarios]
            blocks.append(Table(("scenario", "states"), rows, "<>"))
        if self.left_out:
            left_out = [(one.name, one.why) for one in self.left_out]
            blocks.append(Table(("not held to", "why"), left_out, "<<"))
        if self.skipped:
            blocks.append(
                Paragraph(f"Left out, since wrong in atomic too: {self.skipped:,}.")
            )
        blocks.append(
            Paragraph(
                "The corpus: every program of so many threads and steps in all, up to "
                "the order of threads, made of incref, decref, use, unique, "
                "try_incref, upgrade of a slot and clearing it, on one object, in "
                "which each thread gives back what it takes. The scenarios: programs "
                "in which a scheme has to do more than count. Nothing is said of "
                "larger programs and of other steps. Steps are sequentially "
                "consistent: a missing acquire cannot be found here."
            )
        )
        return blocks
