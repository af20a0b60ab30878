"""What a race program did on real threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from refrace._base.codec import KEYED_BY
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind
from refrace.programs import Program
from refrace.races.program_race_text import answer_of, body_of
from refrace.races.race_report import LEAST_OVERLAP
from refrace.races.rounds import RacedOutcome, Rounds, WidenedRounds
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["LEAST_WIDENED", "ProgramRace"]

LEAST_WIDENED = 100
"""Widened rounds that are done however long they take, if so many are asked for."""

# Share of the counting operations that might have met below which a clean race shows
# nothing: on one core, where a thread is now and then stopped in one, fewer do.
LEAST_MET = 0.001


@dataclass(frozen=True, slots=True)
class ProgramRace(ModeReport, Rounds):
    """Outcome of :func:`refrace.race` with a program.

    Rounds are natural, as the machine runs the threads, or widened: threads pause at
    places that are chosen.  No number here adds the two up: the widened rounds are a
    part of their own, `widened`, and all other numbers of rounds are of natural ones.
    Every round is in one of the outcomes, or undecided, cut or disputed.

    Attributes
    ----------
    program : Program
        What was run, each of its threads on a thread of its own.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether the threads ran without the GIL.
    gaps : {"auto", "natural", "widened"}
        Which rounds were asked for.
    seed : int
        Of what the machine is not left to decide: `maybe`, when waiting writes land,
        which thread is to be first in each round, how long threads hesitate between
        their steps, and where they pause in widened rounds.  The same seed does not
        give the same race.
    rounds : int
        Natural rounds done.
    rounds_requested : int
        Rounds asked for, natural and widened.
    seconds : float or None
        Time budget of the widened rounds in seconds; None in a result that was stored
        by a refrace without widened rounds.
    outcomes : dict of frozenset of FindingKind to RacedOutcome
        Every way in which natural rounds ended, nothing wrong first.
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
        Steps of all natural rounds.
    operations : int
        Counting operations of these rounds, each run by the mode's compiled code; also
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
        Wall time of the natural rounds in seconds, meeting points included.
    widened : WidenedRounds or None
        The widened rounds; None if there were none.
    contention : {"none", "steps", "counting"} or None
        What the model of the program says, if all its states were looked at and
        nothing went wrong: ``"none"``, in no state can two threads go on;
        ``"steps"``, two can, but two never count at one object at the same time;
        ``"counting"``, they can.  None: not known.
    environment : Environment
        Where it ran.

    Notes
    -----
    A race shows what happened in one run on one machine; that nothing went wrong is
    no proof, for which there is :func:`refrace.explore`.

    In how many rounds an outcome was is a matter of this machine's timing, and in
    widened rounds of where threads paused, and no probability;
    :func:`refrace.explore` has that.  In natural rounds who is first is drawn for each
    round, each thread as often as another, and threads hesitate between their steps,
    up to 64 turns of an idle loop; but a thread that does not come to its core in
    time is not waited for.  In widened rounds it is.
    """

    format_name: ClassVar[str] = "refrace/program-race"
    format_version: ClassVar[int] = 2

    program: Program
    mode: str
    gil: Literal["released", "held"]
    gaps: Literal["auto", "natural", "widened"]
    seed: int
    rounds: int
    rounds_requested: int
    seconds: float | None
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
    widened: WidenedRounds | None
    contention: Literal["none", "steps", "counting"] | None
    environment: Environment

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`, also of format version 1.

        Raises
        ------
        InvalidData
            As :meth:`Report.from_dict`.
        """
        if isinstance(data, dict) and data.get("version") == 1:
            added = {
                "version": cls.format_version,
                "gaps": "natural",
                "seconds": None,
                "widened": None,
                "contention": None,
            }
            data = {**added, **data, "version": cls.format_version}
        # The two-argument form: a class with slots is made anew by its decorator.
        return super(ProgramRace, cls).from_dict(data)

    def _misfit(self) -> str | None:
        widened = 0 if self.widened is None else self.widened.rounds
        if self.rounds + widened > self.rounds_requested:
            return "more rounds were done than asked for"
        return None

    # -------------------------------------------------------------- what was found

    @property
    def parts(self) -> tuple[Rounds, ...]:
        """The natural rounds (this result) and the widened ones, if there are any."""
        parts: tuple[Rounds | None, ...] = (self, self.widened)
        return tuple(part for part in parts if part is not None and part.rounds)

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The shortest run of every outcome in which something went wrong.

        Of an outcome that both natural and widened rounds had, the natural one.
        """
        found: dict[frozenset[FindingKind], Trace] = {}
        for part in self.parts:
            for kinds, outcome in part.outcomes.items():
                if outcome.trace is not None:
                    found.setdefault(kinds, outcome.trace)
        return tuple(found.values())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A finding for each kind, with the number of rounds that had it.

        Of a kind that natural rounds had, how many of those; of another one, how many
        of the widened rounds.
        """
        kinds = {
            kind for part in self.parts for kinds in part.outcomes for kind in kinds
        }
        return tuple(self._finding(kind) for kind in in_order(frozenset(kinds)))

    def _finding(self, kind: FindingKind) -> Finding:
        counts = [
            sum(
                outcome.rounds
                for kinds, outcome in part.outcomes.items()
                if kind in kinds
            )
            for part in self.parts
        ]
        count = next((count for count in counts if count), 0)
        for trace in self.traces:
            known = (trace.finding, *trace.others)
            for found in known:
                if found is not None and found.kind is kind:
                    return Finding(kind, found.object, found.message, count)
        return Finding(kind, None, f"seen in {count:,} rounds", count)

    # ------------------------------------------------------------ how much it says

    @property
    def is_complete(self) -> bool:
        """Whether all the rounds asked for were done, or as many as were needed.

        Widened rounds that come after natural ones end when something goes wrong, and
        all end when their time is spent and 100 are done.
        """
        widened = self.widened
        if widened is None:
            return self.rounds == self.rounds_requested
        is_late = self.seconds is not None and widened.elapsed_s >= self.seconds
        return (
            self.rounds + widened.rounds == self.rounds_requested
            or (self.gaps == "auto" and widened.corrupt_rounds > 0)
            or (is_late and widened.rounds >= LEAST_WIDENED)
        )

    @property
    def conclusive(self) -> bool:
        """Whether something went wrong, or threads were in each other's way as meant.

        Without findings, all rounds asked for must have come to a known end.  That is
        enough where widened rounds are among them, for there threads come to be in
        each other's way by plan, on a busy machine too; where the program has one
        thread, or orders its threads by itself (`contention`); and with the GIL held,
        since taking turns is what such a race shows.

        Natural rounds alone must show that threads met, which is a matter of luck:
        they were under way together for 1 % of the time at least, and of the counting
        operations that might have met, 1 in 1,000 at least did.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "the race was stopped early; let it run to its end"
        if any(part.disputed for part in self.parts):
            return (
                "compiled mode and model differ, which is a bug of refrace; report it "
                "with the program, the mode and the seed"
            )
        unknown = sum(part.rounds - part.known_rounds for part in self.parts)
        if unknown:
            return (
                f"how {unknown:,} rounds ended is not known; use refrace.explore, or "
                "raise max_steps if rounds were cut off"
            )
        if self.who_did_not_meet is not None:
            return (
                f"{self.who_did_not_meet}, and threads that do not meet show nothing; "
                'use gaps="auto", which does not depend on luck, or refrace.explore'
            )
        return None

    @property
    def who_did_not_meet(self) -> str | None:
        """What natural rounds lacked to show anything, in words; None: nothing."""
        is_ordered = self.gil == "held" or self.contention == "none"
        if is_ordered or len(self.program.threads) == 1 or self.widened is not None:
            return None
        if self.contention != "steps" and self.met < LEAST_MET * self.shared:
            return f"counting operations {'hardly' if self.met else 'never'} met"
        if self.overlap < LEAST_OVERLAP:
            return "threads were hardly under way together"
        return None

    # ---------------------------------------------------------------------- shown

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        return answer_of(self)

    def body(self) -> list[Block]:
        """Return the outcomes, the numbers, and a run of each kind."""
        return body_of(self)
