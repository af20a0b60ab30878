"""Run a race program on real threads."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from os import PathLike
from typing import Any, Literal

from refrace._base.arguments import check_callback, check_integer
from refrace._base.interrupts import interrupted
from refrace._base.threads import run_threads
from refrace._native import program_race as native_race
from refrace.catalogue.mode import Mode
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidProgram
from refrace.explorer.diagnostics import invalid_at, sections_of
from refrace.explorer.model.results import Misuse
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import misuse_error
from refrace.explorer.traced import trace as traced
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.syntax import ObjectDeclaration
from refrace.races.program_race_report import ProgramRace, RacedOutcome
from refrace.traces.outcome_text import in_order

__all__ = ["race_program"]

# Moves between two looks at a stop; without the GIL, and of one turn with it.
BUDGET_RELEASED = 20_000
BUDGET_HELD = 2_000

MOST_ROUNDS = 1_000_000_000
MOST_STEPS = 100_000_000
SEEDS = 2**64


@within_memory()
def race_program(
    program: Program | str | bytes | PathLike[str],
    mode: str | Mode,
    gil: Literal["released", "held"],
    *,
    rounds: int = 1000,
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
    session = session_of(program, mode, check_gil(gil))
    rounds = check_integer("rounds", rounds, low=1, high=MOST_ROUNDS)
    max_steps = check_integer("max_steps", max_steps, low=1, high=MOST_STEPS)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    check_callback("progress", progress)
    _check_counters(session.program)
    held = session.gil == "held"
    contest = native_race.Contest(
        session.lowered.image, session.mode.number, held, rounds, max_steps, seed
    )
    run = (
        partial(contest.run_holding_gil, budget=BUDGET_HELD)
        if held
        else partial(contest.run, budget=BUDGET_RELEASED)
    )

    def report() -> ProgramRace:
        return _report(
            session,
            contest,
            seed=seed,
            rounds_requested=rounds,
            max_steps=max_steps,
        )

    try:
        run_threads(
            [partial(run, thread) for thread in range(contest.threads)],
            stop=contest.stop,
            on_look=None
            if progress is None
            else lambda: progress(contest.progress(), rounds),
        )
        misuse = contest.misuse()
        if misuse is not None:
            raise _misuse(session, *misuse)
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None


def _check_counters(program: Program) -> None:
    for node in program.declarations:
        if isinstance(node, ObjectDeclaration) and node.max_count is not None:
            raise invalid_at(
                program,
                ("the declarations", node),
                "a native count is as wide as its mode has it",
                "leave `max` out, or use refrace.explore",
            )


def _misuse(
    session: Session,
    message: str,
    thread: int,
    statement: int,
    codes: tuple[int, ...] | None,
) -> InvalidProgram:
    if codes is not None:
        return misuse_error(session, Misuse(codes, message))
    return invalid_at(
        session.program,
        None if statement < 0 else sections_of(session.program)[statement],
        f"{session.runners[thread]} {message}",
        "refrace.explore shows the way there",
    )


def _report(
    session: Session, contest: native_race.Contest, **setting: Any
) -> ProgramRace:
    tally: dict[str, Any] = contest.tally()
    busy_ns, crowded_ns = tally.pop("busy_ns"), tally.pop("crowded_ns")
    outcomes = _outcomes(session, contest)
    return ProgramRace(
        program=session.program,
        mode=session.mode.name,
        gil=session.gil,
        outcomes={outcome.kinds: outcome for outcome in outcomes},
        overlap=crowded_ns / busy_ns if busy_ns else 0.0,
        elapsed_s=tally.pop("elapsed_ns") / 1e9,
        environment=Environment.current(),
        **setting,
        **tally,
    )


def _outcomes(session: Session, contest: native_race.Contest) -> list[RacedOutcome]:
    outcomes = []
    for bits, rounds, codes in contest.outcomes():
        kinds = frozenset(
            FindingKind(name)
            for place, name in enumerate(native_race.KINDS)
            if bits >> place & 1
        )
        trace = None
        if kinds and codes is not None:
            # What ended the run is told first; a latent kind did not.
            gravest = min(in_order(kinds), key=lambda kind: kind.is_latent)
            trace = traced(session, codes, gravest)
        outcomes.append(RacedOutcome(kinds, rounds, trace))
    outcomes.sort(key=_most_frequent_first)
    return outcomes


def _most_frequent_first(outcome: RacedOutcome) -> tuple[Any, ...]:
    return (
        bool(outcome.kinds),
        -outcome.rounds,
        [str(kind) for kind in in_order(outcome.kinds)],
    )
