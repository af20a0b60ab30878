"""Run a race program on real threads."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import Any, Literal, TypeAlias, cast

from refrace import _contest
from refrace._interrupts import interrupted
from refrace._model.contention import Contention, contention_of
from refrace._render.outcomes import in_order
from refrace._subject import Subject, subject_of, within_memory
from refrace._threads import run_threads
from refrace._validate import check_callback, check_choice, check_integer, check_number
from refrace.catalogue import Mode, mode_number
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidProgram
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.printer import node_text
from refrace.programs.syntax import ObjectDeclaration
from refrace.reports.program_race import LEAST_WIDENED, ProgramRace
from refrace.reports.race_part import GAPS
from refrace.reports.rounds import RacedOutcome, WidenedRounds

__all__ = ["race_program"]

Gaps: TypeAlias = Literal["auto", "natural", "widened"]

# Moves between two looks at a stop; without the GIL, and of one turn with it.
BUDGET_RELEASED = 20_000
BUDGET_HELD = 2_000

MOST_ROUNDS = 1_000_000_000
MOST_STEPS = 100_000_000
MOST_SECONDS = 86_400.0
SEEDS = 2**64

# With gaps="auto", one round in so many is natural while nothing goes wrong.
NATURAL_SHARE = 4

# How far it is looked for whether threads can be in each other's way: some 50 ms.  A
# number of states and no time, so that the same program has the same answer always.
MOST_STATES = 20_000
MOST_BYTES = 2**28


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
    """Run every thread of a program on a thread of its own; see :func:`refrace.race`.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, unknown, or out of range; if
        the program narrows a counter (`max`), or does what no program may do.
    EnvironmentUnfit, LimitReached, Interrupted
        As :func:`refrace.race`.
    """
    subject = subject_of(program, mode, check_gil(gil))
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    max_steps = check_integer("max_steps", max_steps, low=1, high=MOST_STEPS)
    gaps = cast(Gaps, check_choice("gaps", gaps, GAPS))
    seconds = check_number("seconds", seconds, low=0, high=MOST_SECONDS)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    check_callback("progress", progress)
    _check_counters(subject.program)
    race = _Race(subject, rounds, gaps, seconds, seed, max_steps, progress)
    try:
        race.run()
        return race.report()
    except KeyboardInterrupt:
        raise interrupted(race.report) from None


def _natural_rounds(rounds: int) -> int:
    """Return after how many clean natural rounds the widened ones begin."""
    return min(max(1, rounds // NATURAL_SHARE), rounds - 1)


@dataclass
class _Race:
    """One race: its natural rounds, then the widened ones if they are called for."""

    subject: Subject
    rounds: int
    gaps: Gaps
    seconds: float
    seed: int
    max_steps: int
    progress: Callable[[int, int], None] | None
    natural: _contest.Contest | None = None
    widened: _contest.Contest | None = None
    contention: Contention | None = None

    def run(self) -> None:
        """Run the rounds; what was done is in :meth:`report`, interrupted or not."""
        gaps = self.gaps
        if len(self.subject.program.threads) == 1:
            gaps = "natural"  # nobody else would come into a gap
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

    def _open(self, rounds: int, **plan: Any) -> _contest.Contest:
        plan = {
            "is_widened": False,
            "until_corrupt": False,
            "clean_rounds": 0,
            "least_rounds": 0,
            "most_ns": 0,
            **plan,
        }
        return _contest.Contest(
            self.subject.lowered.image,
            mode_number(self.subject.mode),
            self.subject.gil == "held",
            rounds,
            self.max_steps,
            self.seed,
            **plan,
        )

    def _run(self, contest: _contest.Contest, n_before: int) -> None:
        run = (
            partial(contest.run_holding_gil, budget=BUDGET_HELD)
            if self.subject.gil == "held"
            else partial(contest.run, budget=BUDGET_RELEASED)
        )
        progress = self.progress
        run_threads(
            [partial(run, thread) for thread in range(contest.threads)],
            stop=contest.stop,
            on_look=None
            if progress is None
            else lambda: progress(n_before + contest.progress(), self.rounds),
        )
        misuse = contest.misuse()
        if misuse is not None:
            raise _misuse(self.subject, *misuse)

    def _is_corrupt(self) -> bool:
        contests = (self.natural, self.widened)
        return any(
            bits
            for contest in contests
            if contest is not None
            for bits, _, _ in contest.outcomes()
        )

    def _look_for_contention(self) -> None:
        if self.subject.gil == "released" and len(self.subject.program.threads) > 1:
            self.contention = contention_of(
                self.subject.lowered,
                mode_number(self.subject.mode),
                False,
                MOST_STATES,
                MOST_BYTES,
            )

    def report(self) -> ProgramRace:
        """Return what was done so far; no thread may be in a race any more."""
        natural = _tally(self.subject, self.natural)
        widened = None
        if self.widened is not None:
            numbers = _tally(self.subject, self.widened)
            del numbers["overlap"]
            widened = WidenedRounds(**numbers)
        return ProgramRace(
            program=self.subject.program,
            mode=self.subject.mode.name,
            gil=self.subject.gil,
            gaps=self.gaps,
            seed=self.seed,
            rounds_requested=self.rounds,
            seconds=self.seconds,
            max_steps=self.max_steps,
            widened=widened,
            contention=self.contention,
            environment=Environment.current(),
            **natural,
        )


def _check_counters(program: Program) -> None:
    for node in program.declarations:
        if isinstance(node, ObjectDeclaration) and node.max_count is not None:
            raise InvalidProgram(
                f"line {node.line}: `{node_text(node)}`: a native count is as wide "
                "as its mode has it; leave `max` out, or use refrace.explore",
                line=node.line,
                column=node.column,
                text=node_text(node),
            )


def _misuse(
    subject: Subject,
    message: str,
    thread: int,
    statement: int,
    codes: tuple[int, ...] | None,
) -> InvalidProgram:
    if codes is not None:
        error = {"schedule": list(codes), "message": message}
        return subject.misuse(subject.model(), error)
    node = None if statement < 0 else subject.lowered.statements[statement]
    place = "" if node is None else f"line {node.line}: `{node_text(node)}`: "
    return InvalidProgram(
        f"{place}{subject.runners[thread]} {message}; refrace.explore shows the way "
        "there",
        line=None if node is None else node.line,
        text=None if node is None else node_text(node),
    )


def _tally(subject: Subject, contest: _contest.Contest | None) -> dict[str, Any]:
    """Return the numbers and outcomes of the rounds of a contest; None: of none."""
    if contest is None:
        numbers = ("rounds", "undecided", "cut", "disputed", "steps")
        zeros = dict.fromkeys((*numbers, "operations", "shared", "met"), 0)
        return {**zeros, "outcomes": {}, "overlap": 0.0, "elapsed_s": 0.0}
    tally: dict[str, Any] = contest.tally()
    busy_ns, crowded_ns = tally.pop("busy_ns"), tally.pop("crowded_ns")
    outcomes = _outcomes(subject, contest)
    return {
        "outcomes": {outcome.kinds: outcome for outcome in outcomes},
        "overlap": crowded_ns / busy_ns if busy_ns else 0.0,
        "elapsed_s": tally.pop("elapsed_ns") / 1e9,
        **tally,
    }


def _outcomes(subject: Subject, contest: _contest.Contest) -> list[RacedOutcome]:
    model = subject.model()
    outcomes = []
    for bits, rounds, codes in contest.outcomes():
        kinds = frozenset(
            FindingKind(name)
            for place, name in enumerate(_contest.KINDS)
            if bits >> place & 1
        )
        trace = None
        if kinds and codes is not None:
            # What ended the run is told first; a latent kind did not.
            gravest = min(in_order(kinds), key=lambda kind: kind.is_latent)
            trace = subject.trace(model, codes, gravest)
        outcomes.append(RacedOutcome(kinds, rounds, trace))
    outcomes.sort(key=_most_frequent_first)
    return outcomes


def _most_frequent_first(outcome: RacedOutcome) -> tuple[Any, ...]:
    return (
        bool(outcome.kinds),
        -outcome.rounds,
        [str(kind) for kind in in_order(outcome.kinds)],
    )
