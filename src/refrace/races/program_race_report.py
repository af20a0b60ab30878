"""What a race program did on real threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from refrace._base.codec import KEYED_BY
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Preformatted, Table
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind
from refrace.programs import Program
from refrace.races.race_report import LEAST_OVERLAP
from refrace.traces.outcome_text import in_order, kinds_text
from refrace.traces.token import replay_command
from refrace.traces.trace import Trace

__all__ = ["ProgramRace", "RacedOutcome"]

# Share of the counting operations that might have met below which a clean race shows
# nothing: on one core, where a thread is now and then stopped in one, fewer do.
LEAST_MET = 0.001


@dataclass(frozen=True, slots=True)
class RacedOutcome:
    """How often rounds ended in one way.

    Attributes
    ----------
    kinds : frozenset of FindingKind
        Empty for rounds in which nothing went wrong.
    rounds : int
        How many rounds ended so; at least 1.
    trace : Trace or None
        The shortest of them, step by step, in an order that explains all that was seen;
        None if nothing went wrong, or all had more than 1,024 steps.
    """

    kinds: frozenset[FindingKind]
    rounds: int
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class ProgramRace(ModeReport):
    """Outcome of :func:`refrace.race` with a program.

    Every round is in one of the outcomes, or undecided, cut or disputed.

    Attributes
    ----------
    program : Program
        What was run, each of its threads on a thread of its own.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether the threads ran without the GIL.
    seed : int
        Of what the machine is not left to decide: `maybe`, when waiting writes land,
        which thread is to be first in each round, and how long threads hesitate
        between their steps.  The same seed does not give the same race.
    rounds, rounds_requested : int
        Rounds done, and asked for.
    outcomes : dict of frozenset of FindingKind to RacedOutcome
        Every way in which rounds ended, nothing wrong first.
    undecided : int
        Rounds in which operations met so closely that what came first, and with it how
        the round ended, cannot be told; and those in which an `upgrade` of several
        accesses went on when the object's life had ended under it, where the language
        says null.
    cut : int
        Rounds that were cut off after `max_steps`; how they would have ended is
        unknown.
    disputed : int
        Rounds that did what no order of the mode's accesses explains: the compiled
        mode and its model differ.  0, or refrace has a bug.
    max_steps : int
        Most steps of a round.
    steps : int
        Steps of all rounds.
    operations : int
        Counting operations of all rounds, each run by the mode's compiled code; also
        those under way when a finding ended their round, which are none of its steps.
    shared : int
        Those at an object at which another thread counted in that round, or settled
        what is put off there: they might have met, unless the program keeps them apart.
    met : int
        Those that were at an object at the same time as another's.
    overlap : float
        Share of the time in which at least two threads were under way, of that in
        which at least one was, 0 to 1.  A thread is under way from a step of its own
        to the last one before it has to wait or has ended.  0 with the GIL held.
    elapsed_s : float
        Wall time in seconds, meeting points included.
    environment : Environment
        Where it ran.

    Notes
    -----
    A race shows what happened in one run on one machine; that nothing went wrong is
    no proof, for which there is :func:`refrace.explore`.

    In how many rounds an outcome was is a matter of this machine's timing, and no
    probability; :func:`refrace.explore` has that.  Who is first is drawn for each
    round, each thread as often as another, and threads hesitate between their steps,
    up to 64 turns of an idle loop; but a thread that does not come to its core in
    time is not waited for.
    """

    format_name: ClassVar[str] = "refrace/program-race"

    program: Program
    mode: str
    gil: Literal["released", "held"]
    seed: int
    rounds: int
    rounds_requested: int
    outcomes: dict[frozenset[FindingKind], RacedOutcome] = field(
        hash=False, metadata={KEYED_BY: "kinds"}
    )
    undecided: int
    cut: int
    disputed: int
    max_steps: int
    steps: int
    operations: int
    shared: int
    met: int
    overlap: float
    elapsed_s: float
    environment: Environment

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The shortest run of every outcome in which something went wrong."""
        known = (outcome.trace for outcome in self.outcomes.values())
        return tuple(trace for trace in known if trace is not None)

    @property
    def corrupt_rounds(self) -> int:
        """Rounds in which something went wrong."""
        return sum(outcome.rounds for kinds, outcome in self.outcomes.items() if kinds)

    @property
    def known_rounds(self) -> int:
        """Rounds of which it is known how they ended."""
        return self.rounds - self.undecided - self.cut - self.disputed

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A finding for each kind, with the number of rounds that had it."""
        kinds = frozenset(kind for kinds in self.outcomes for kind in kinds)
        return tuple(self._finding(kind) for kind in in_order(kinds))

    def _finding(self, kind: FindingKind) -> Finding:
        having = [outcome for kinds, outcome in self.outcomes.items() if kind in kinds]
        count = sum(outcome.rounds for outcome in having)
        for trace in self.traces:
            known = (trace.finding, *trace.others)
            for found in known:
                if found is not None and found.kind is kind:
                    return Finding(kind, found.object, found.message, count)
        return Finding(kind, None, f"seen in {count:,} rounds", count)

    @property
    def is_complete(self) -> bool:
        """Whether all the rounds asked for were done."""
        return self.rounds == self.rounds_requested

    @property
    def conclusive(self) -> bool:
        """Whether something went wrong, or threads met and nothing did.

        Without findings, all rounds asked for must have come to a known end.  Without
        the GIL, threads of a program that has several have met if they were under way
        together for 1 % of the time at least, and if counting operations that might
        have met did, 1 in 1,000 at least.  With the GIL held they need not meet, since
        taking turns is what such a race shows.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "the race was stopped early; let it run to its end"
        if self.disputed:
            return (
                "compiled mode and model differ, which is a bug of refrace; report it "
                "with the program, the mode and the seed"
            )
        if self.known_rounds < self.rounds:
            return (
                f"how {self.rounds - self.known_rounds:,} rounds ended is not known; "
                "use refrace.explore, or raise max_steps if rounds were cut off"
            )
        if self._has_hardly_met:
            return (
                f"{self._who_did_not_meet}, and threads that do not meet show nothing; "
                "use two idle cores, more rounds, or refrace.explore, which also knows "
                "whether the program keeps them apart"
            )
        return None

    @property
    def _has_hardly_met(self) -> bool:
        if self.gil == "held" or len(self.program.threads) == 1:
            return False
        return self.overlap < LEAST_OVERLAP or self.met < LEAST_MET * self.shared

    @property
    def _who_did_not_meet(self) -> str:
        if self.met < LEAST_MET * self.shared:
            never = "hardly" if self.met else "never"
            return f"counting operations {never} met"
        return "threads were hardly under way together"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = self.mode + (", GIL held" if self.gil == "held" else "")
        rounds = "1 round" if self.rounds == 1 else f"{self.rounds:,} rounds"
        if not self.rounds:
            return f"{name}: stopped before the first round was done."
        if self.disputed:
            return (
                f"{name}: {self.disputed:,} of {rounds} did what the model of this "
                "mode cannot do."
            )
        if self.corrupt_rounds:
            found = frozenset(kind for kinds in self.outcomes for kind in kinds)
            return (
                f"{name}: {self.corrupt_rounds:,} of {rounds} on real threads went "
                f"wrong: {kinds_text(found, ', ')}."
            )
        if self.known_rounds < self.rounds:
            return (
                f"{name}: nothing went wrong in {self.known_rounds:,} of {rounds} on "
                "real threads; how the others ended is not known."
            )
        if self._has_hardly_met:
            return (
                f"{name}: nothing went wrong in {rounds} on real threads, but "
                f"{self._who_did_not_meet}: inconclusive."
            )
        return (
            f"{name}: nothing went wrong in {rounds} on real threads, which is no "
            "proof."
        )

    def body(self) -> list[Block]:
        """Return the outcomes, the numbers, and a run of each kind."""
        rows = [
            (f"{outcome.rounds:,}", kinds_text(kinds, " + ") or "intact")
            for kinds, outcome in self.outcomes.items()
        ]
        for number, what in (
            (self.undecided, "undecided: operations met too closely to tell"),
            (self.cut, f"cut off after {self.max_steps:,} steps"),
            (self.disputed, "disputed: no order of the accesses explains them"),
        ):
            if number:
                rows.append((f"{number:,}", what))
        blocks: list[Block] = []
        if rows:
            blocks.append(Table(("rounds", "outcome"), rows, align="><"))
        for trace in self.traces:
            if trace.finding is not None:
                message = f"{trace.finding.kind}: {trace.finding.message}"
                blocks.append(Paragraph(f"{message} ({trace.size})."))
                blocks.append(Preformatted(replay_command(trace.token)))
        blocks += [Paragraph(sentence) for sentence in self._said()]
        return blocks

    def _said(self) -> list[str]:
        n_threads = len(self.program.threads)
        threads = "1 thread" if n_threads == 1 else f"{n_threads} threads"
        counting = f"{self.operations:,} counting operations"
        if n_threads > 1 and self.gil == "released":
            counting += (
                f", {self.shared:,} of them at an object at which another thread "
                f"counted too, {self.met:,} at the same time; threads under way "
                f"together {self.overlap:.1%} of the time"
            )
        said = [f"{threads}, the GIL {self.gil}, {self.elapsed_s:.3f} s: {counting}."]
        if self.corrupt_rounds:
            said.append(
                "How often is a matter of this machine's timing, and no probability."
            )
        if not self.is_complete:
            said.append(
                f"Stopped early: {self.rounds:,} of {self.rounds_requested:,} rounds."
            )
        if not self.conclusive:
            said.append(self._reason())
        said.append(f"{self.environment}; seed {self.seed}.")
        return said
