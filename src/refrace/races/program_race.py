"""Run a race program on real threads."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import Any, Literal, TypeAlias, cast

from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.threads import run_threads
from refrace._native import program_race as native_race
from refrace.catalogue.mode import Mode
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidProgram
from refrace.explorer.assumptions import counts_detached
from refrace.explorer.diagnostics import invalid_at, sections_of
from refrace.explorer.model.contention import Contention, contention_of
from refrace.explorer.model.results import Misuse
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import misuse_error
from refrace.explorer.traced import trace as traced
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.syntax import ObjectDeclaration
from refrace.races.program_race_report import LEAST_WIDENED, ProgramRace
from refrace.races.race_part import GAPS, overlap_of
from refrace.races.rounds import RacedOutcome, WidenedRounds
from refrace.traces.outcome_text import in_order

__all__ = ["race_program"]

Gaps: TypeAlias = Literal["auto", "natural", "widened"]

# Moves between two checks for a stop without the GIL; moves of one turn with the GIL.
BUDGET_RELEASED = 20_000
BUDGET_HELD = 2_000

MOST_ROUNDS = 1_000_000_000
MOST_STEPS = 100_000_000
MOST_SECONDS = 86_400.0
SEEDS = 2**64

# With gaps="auto", one round in N is natural while there are no findings.
NATURAL_SHARE = 4

# Limits of the search for contention: some 50 ms.  The limit is a number of states, not
# a time, so that the same program always gets the same answer.
MOST_STATES = 20_000
MOST_BYTES = 2**28

NO_ROUNDS = native_race.RoundsTally(*[0] * len(native_race.RoundsTally._fields))


@within_memory()
def race_program(
    program: Program | str | bytes | PathLike[str],
    mode: str | Mode,
    gil: Literal["released", "held"],
    *,
    rounds: int = 1000,
    gaps: Literal["auto", "natural", "widened"] = "auto",
    seconds: float = 2.0,
    seed: int | None = None,
    max_steps: int = 20_000,
    progress: Callable[[int, int], None] | None = None,
) -> ProgramRace:
    """Run each thread of a program on its own native thread; see :func:`refrace.race`.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, unknown, or out of range; if
        the program limits a counter with `max`, or does something that programs must
        not do.
    EnvironmentUnfit, LimitReached, Interrupted
        As :func:`refrace.race`.
    """
    session = session_of(program, mode, check_gil(gil))
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    max_steps = check_integer("max_steps", max_steps, low=1, high=MOST_STEPS)
    gaps = cast(Gaps, check_choice("gaps", gaps, GAPS))
    seconds = check_number("seconds", seconds, low=0, high=MOST_SECONDS)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    check_callback("progress", progress)
    _check_counters(session.program)
    race = _Race(session, rounds, gaps, seconds, seed, max_steps, progress)
    try:
        race.run()
        return race.report()
    except KeyboardInterrupt:
        raise interrupted(race.report) from None


def _natural_rounds(rounds: int) -> int:
    """Return the number of clean natural rounds after which widened ones begin."""
    return min(max(1, rounds // NATURAL_SHARE), rounds - 1)


@dataclass
class _Race:
    """One race: its natural rounds, then the widened ones if they are needed."""

    session: Session
    rounds: int
    gaps: Gaps
    seconds: float
    seed: int
    max_steps: int
    progress: Callable[[int, int], None] | None
    natural: native_race.Conformance | None = None
    widened: native_race.Conformance | None = None
    contention: Contention | None = None

    def run(self) -> None:
        """Run the rounds; :meth:`report` has the results, also after an interrupt."""
        gaps = self.gaps
        if len(self.session.program.threads) == 1:
            gaps = "natural"  # no other thread could make an access in a gap
        n_natural = 0
        if gaps != "widened":
            clean_rounds = (
                _natural_rounds(self.rounds) if gaps == "auto" else self.rounds
            )
            n_natural = self._run_natural(clean_rounds)
        if gaps != "natural" and not self._is_corrupt() and n_natural < self.rounds:
            self._run_widened(n_natural)
        if not self._is_corrupt():
            self._look_for_contention()

    def _run_natural(self, clean_rounds: int) -> int:
        if clean_rounds == 0:
            return 0
        self.natural = self._open(self.rounds, clean_rounds=clean_rounds)
        self._run(self.natural, 0)
        return self.natural.progress()

    def _run_widened(self, n_before: int) -> None:
        self.widened = self._open(
            self.rounds - n_before,
            is_widened=True,
            until_corrupt=self.gaps == "auto",
            least_rounds=LEAST_WIDENED,
            most_ns=max(1, int(self.seconds * 1e9)),
        )
        self._run(self.widened, n_before)

    def _open(self, rounds: int, **plan: Any) -> native_race.Conformance:
        plan = {
            "is_widened": False,
            "until_corrupt": False,
            "clean_rounds": 0,
            "least_rounds": 0,
            "most_ns": 0,
            **plan,
        }
        return native_race.Conformance(
            self.session.lowered.image,
            self.session.mode.number,
            self.session.gil == "held",
            rounds,
            self.max_steps,
            self.seed,
            **plan,
        )

    def _run(self, native: native_race.Conformance, n_before: int) -> None:
        # The core itself keeps apart the threads that need the GIL.  A detached thread
        # that counts has to overlap with them, so nobody holds the real one.
        holds_gil = self.session.gil == "held" and not counts_detached(
            self.session.program
        )
        run = (
            partial(native.run_holding_gil, budget=BUDGET_HELD)
            if holds_gil
            else partial(native.run, budget=BUDGET_RELEASED)
        )
        progress = self.progress
        run_threads(
            [partial(run, thread) for thread in range(native.threads)],
            stop=native.stop,
            on_look=None
            if progress is None
            else lambda: progress(n_before + native.progress(), self.rounds),
        )
        misuse = native.misuse()
        if misuse is not None:
            raise _misuse(self.session, misuse)

    def _is_corrupt(self) -> bool:
        parts = (self.natural, self.widened)
        return any(
            outcome.kinds
            for part in parts
            if part is not None
            for outcome in part.outcomes()
        )

    def _look_for_contention(self) -> None:
        if self.session.gil == "released" and len(self.session.program.threads) > 1:
            self.contention = contention_of(
                self.session.lowered,
                self.session.mode.number,
                False,
                MOST_STATES,
                MOST_BYTES,
            )

    def report(self) -> ProgramRace:
        """Return the results so far; no thread may still be racing."""
        tally = NO_ROUNDS if self.natural is None else self.natural.tally()
        return ProgramRace(
            program=self.session.program,
            mode=self.session.mode.name,
            gil=self.session.gil,
            gaps=self.gaps,
            seed=self.seed,
            rounds=tally.rounds,
            rounds_requested=self.rounds,
            seconds=self.seconds,
            outcomes=_outcomes(self.session, self.natural),
            undecided=tally.undecided,
            cut=tally.cut,
            disputed=tally.disputed,
            max_steps=self.max_steps,
            steps=tally.steps,
            operations=tally.operations,
            shared=tally.shared,
            met=tally.met,
            overlap=overlap_of(tally),
            elapsed_s=tally.elapsed_ns / 1e9,
            widened=self._widened_rounds(),
            contention=self.contention,
            environment=Environment.current(),
        )

    def _widened_rounds(self) -> WidenedRounds | None:
        if self.widened is None:
            return None
        tally = self.widened.tally()
        return WidenedRounds(
            rounds=tally.rounds,
            outcomes=_outcomes(self.session, self.widened),
            undecided=tally.undecided,
            cut=tally.cut,
            disputed=tally.disputed,
            steps=tally.steps,
            operations=tally.operations,
            shared=tally.shared,
            met=tally.met,
            elapsed_s=tally.elapsed_ns / 1e9,
        )


def _check_counters(program: Program) -> None:
    for node in program.declarations:
        if isinstance(node, ObjectDeclaration) and node.max_count is not None:
            raise invalid_at(
                program,
                ("the declarations", node),
                "the mode determines the width of a native count",
                "omit `max`, or use refrace.explore",
            )


def _misuse(session: Session, misuse: native_race.RoundsMisuse) -> InvalidProgram:
    if misuse.schedule is not None:
        return misuse_error(session, Misuse(misuse.schedule, misuse.message))
    sections = sections_of(session.program)
    return invalid_at(
        session.program,
        None if misuse.statement < 0 else sections[misuse.statement],
        f"{session.runners[misuse.thread]} {misuse.message}",
        "refrace.explore shows the steps that lead there",
    )


def _outcomes(
    session: Session, native: native_race.Conformance | None
) -> dict[frozenset[FindingKind], RacedOutcome]:
    """Return the outcomes of some rounds, the one without findings first."""
    outcomes = []
    for found in () if native is None else native.outcomes():
        kinds = frozenset(
            FindingKind(name)
            for place, name in enumerate(native_race.KINDS)
            if found.kinds >> place & 1
        )
        trace = None
        if kinds and found.schedule is not None:
            # The kind that ended the run comes first; a latent kind did not end it.
            gravest = min(in_order(kinds), key=lambda kind: kind.is_latent)
            trace = traced(session, found.schedule, gravest)
        outcomes.append(RacedOutcome(kinds, found.rounds, trace))
    outcomes.sort(key=_most_frequent_first)
    return {outcome.kinds: outcome for outcome in outcomes}


def _most_frequent_first(outcome: RacedOutcome) -> tuple[Any, ...]:
    return (
        bool(outcome.kinds),
        -outcome.rounds,
        [str(kind) for kind in in_order(outcome.kinds)],
    )
