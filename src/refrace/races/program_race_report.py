"""The result of a race of a program on real threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from refrace._base.codec import KEYED_BY
from refrace.display.blocks import Block, Illustration
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.environment import Environment
from refrace.explorer.assumptions import AssumesAboutWaits
from refrace.findings import Finding, FindingKind, Findings
from refrace.programs import Program
from refrace.races.program_race_picture import rounds_picture
from refrace.races.program_race_text import answer_of, body_of
from refrace.races.race_report import LEAST_OVERLAP
from refrace.races.rounds import RacedOutcome, Rounds, WidenedRounds
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["LEAST_WIDENED", "ProgramRace"]

LEAST_WIDENED = 100
"""Widened rounds that are done regardless of time, if that many are asked for."""

# Concurrent operations as a share of contended ones, below which a clean race is
# inconclusive.  One core, which rarely stops a thread inside an operation, has fewer.
LEAST_MET = 0.001


@dataclass(frozen=True, slots=True)
class ProgramRace(AssumesAboutWaits, Rounds):
    """Outcome of :func:`refrace.race` with a program.

    Rounds are natural, as the machine schedules the threads, or widened: threads pause
    at chosen places.  The two are never summed: `widened` has the widened rounds, and
    all other numbers are those of the natural rounds.  Every round has one of the
    outcomes or is undecided, cut off or disputed.

    Attributes
    ----------
    program : Program
        The program; each of its threads ran on its own native thread.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether the threads ran without the GIL or held it.
    gaps : {"auto", "natural", "widened"}
        Which rounds were asked for.
    seed : int
        Seed of the random choices: `maybe`, when buffered writes become visible, which
        thread starts first in each round, the delays between steps, and the pauses in
        widened rounds.  The same seed does not give the same race.
    rounds : int
        Natural rounds done.
    rounds_requested : int
        Rounds asked for, natural and widened.
    seconds : float or None
        Time limit of the widened rounds in seconds; None in a result that was stored
        by a version of refrace without widened rounds.
    outcomes : dict of frozenset of FindingKind to RacedOutcome
        Every outcome of the natural rounds, the one without findings first.
    undecided : int
        Rounds whose outcome is unknown because several orders of concurrent operations
        explain what was seen; also rounds in which an `upgrade` of several accesses
        continued after the object's life had ended, where the language gives null.
    cut : int
        Rounds that were cut off after `max_steps`; their outcome is unknown.
    disputed : int
        Rounds that no order of the mode's accesses explains: the compiled mode and its
        model differ.  0 unless refrace has a bug.
    max_steps : int
        Maximum number of steps of a round.
    steps : int
        Steps of all natural rounds.
    operations : int
        Counting operations of these rounds, run by the mode's compiled code; includes
        operations in progress when a finding ended their round, which are not steps.
    shared : int
        Contended operations: those on an object that another thread counted or settled
        in the same round.  They can be concurrent unless the program prevents it.
    met : int
        Concurrent operations: those that overlapped another thread's operation on the
        same object.
    overlap : float
        Time with at least two threads active as a share of the time with at least one,
        0 to 1.  A thread is active from one of its steps to the last one before it has
        to wait or ends.  0 with the GIL held.
    elapsed_s : float
        Wall time of the natural rounds in seconds, barriers included.
    widened : WidenedRounds or None
        The widened rounds; None if there were none.
    contention : {"none", "steps", "counting"} or None
        What the model of the program says if all its states were explored and there
        were no findings: ``"none"``, in no state can two threads run; ``"steps"``, two
        can run, but never count one object at the same time; ``"counting"``, they can
        do so.  None if unknown.
    environment : Environment
        Where it ran.

    Notes
    -----
    A race shows what happened in one run on one machine; the absence of findings is
    not a proof.  :func:`refrace.explore` gives one.

    A thread that has to wait gives up the GIL, as in the model.  If `gil` is ``"held"``
    and the program may wait, `assumptions` says so, and so do the texts and the JSON.

    Frequencies reflect timing on this machine and, in widened rounds, the places of the
    pauses; they are not probabilities, which :func:`refrace.explore` gives.  In natural
    rounds the thread that starts first is random, all threads with equal probability,
    and threads delay their steps by up to 64 turns of an idle loop; a round does not
    wait for a thread that gets its core late.  In widened rounds it does.
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
        """Rebuild a result from :meth:`to_dict`; reads format version 1 too.

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
        # The two-argument form: the decorator of a class with slots makes a new class.
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
        """The shortest run of every outcome with findings.

        For an outcome of both natural and widened rounds, this is a natural run.
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

        The number of natural rounds if any had it, else the number of widened rounds.
        """
        kinds = {
            kind for part in self.parts for kinds in part.outcomes for kind in kinds
        }
        return Findings(self._finding(kind) for kind in in_order(frozenset(kinds)))

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

        Widened rounds that follow natural ones end when something is found.  All
        widened rounds end when their time is up and 100 are done.
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
        """Whether something was found, or threads met as intended.

        Without findings, all rounds asked for must have a known outcome.  That is
        enough if there are widened rounds, where threads meet by plan even on a busy
        machine; if the program has one thread or orders its threads itself
        (`contention`); and with the GIL held, because such a race shows threads taking
        turns.

        Natural rounds alone must also show that threads met, which depends on timing:
        threads overlapped for at least 1 % of the time, and at least 1 in 1,000
        contended operations was concurrent.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "the race was stopped early; let it run to the end"
        if any(part.disputed for part in self.parts):
            return (
                "the compiled mode and its model differ, which is a bug in refrace; "
                "please report it with the program, the mode and the seed"
            )
        unknown = sum(part.rounds - part.known_rounds for part in self.parts)
        if unknown:
            return (
                f"the outcome of {unknown:,} rounds is unknown; use refrace.explore, "
                "or raise max_steps if rounds were cut off"
            )
        if self.who_did_not_meet is not None:
            return (
                f"{self.who_did_not_meet}, and threads that do not overlap show "
                'nothing; use gaps="auto", which does not depend on timing, or '
                "refrace.explore"
            )
        return None

    @property
    def who_did_not_meet(self) -> str | None:
        """Why natural rounds alone show nothing, in words; None if they do."""
        is_ordered = self.gil == "held" or self.contention == "none"
        if is_ordered or len(self.program.threads) == 1 or self.widened is not None:
            return None
        if self.contention != "steps" and self.met < LEAST_MET * self.shared:
            how_often = "hardly ever" if self.met else "never"
            return f"counting operations were {how_often} concurrent"
        if self.overlap < LEAST_OVERLAP:
            return "threads hardly overlapped"
        return None

    # ---------------------------------------------------------------------- shown

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        return answer_of(self)

    def _bars(self) -> Picture:
        title = f"Rounds on real threads in {self.mode}, GIL {self.gil}"
        return rounds_picture(title, self.answer, self.parts)

    def _picture(self) -> Picture:
        drawn = [trace.plot() for trace in self.traces if trace.steps][:1]
        return stacked(self.answer, [self._bars(), *drawn])

    def body(self) -> list[Block]:
        """Return the outcomes, the figures, and a run of each kind."""
        blocks = body_of(self)
        return [Illustration(self._bars()), *blocks] if self.parts else blocks
