"""How runs, states and the chance of corruption grow with the operations."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from refrace._base.arguments import check_callback, check_integer, check_number
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode, mode
from refrace.environment import Environment
from refrace.explorer.explore import explore
from refrace.races.growth_report import Growth
from refrace.races.growth_row import GrowthRow
from refrace.races.race import race
from refrace.races.racing import SEEDS

__all__ = ["growth"]

MOST_PAIRS = 12
MOST_ROUNDS = 1_000_000
MOST_SECONDS = 86_400.0


def growth(
    mode_or_name: str | Mode = "unlocked",
    *,
    threads: int = 2,
    pairs: int = 4,
    rounds: int = 200,
    seconds: float = 30.0,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Growth:
    """Measure how much there is to explore, and how often it goes wrong.

    Each thread holds a reference to one shared object, does 0, 1, 2 and more pairs of
    `incref` and `decref`, and drops its reference.

    Parameters
    ----------
    mode_or_name : str or Mode
        The refcount mode.  Default: ``"unlocked"``.
    threads : int
        Number of threads, 1 to 4.
    pairs : int
        Pairs of operations of a thread in the last row, 0 to 12.
    rounds : int
        Rounds on real threads for each row, natural and again with widened gaps.  0:
        none.
    seconds : float
        Time limit in seconds for everything; rows that did not fit are missing.
    seed : int, optional
        Seed of the rounds.  Default: random.
    progress : callable, optional
        Called with the rows done and the number of rows.  Default: none.

    Returns
    -------
    Growth
        ``plot("probability")`` and ``plot("states")`` are its charts.

    Raises
    ------
    InvalidArgumentType, InvalidArgument, UnknownMode
        If an argument has the wrong type, is out of range, or is unknown.
    Interrupted
        On Ctrl-C; its `report` has the rows so far.

    Notes
    -----
    States, interleavings and probabilities are those of :func:`refrace.explore`, exact.
    The probability chooses among the threads that can go on with equal chances at each
    step.  Real threads do not: their frequency is a measurement on this machine, and
    the two need not agree.

    Examples
    --------
    >>> import refrace
    >>> [row.interleavings for row in refrace.growth(pairs=2, rounds=0).rows]
    [6, 1084, 226132]
    """
    chosen = mode_or_name if isinstance(mode_or_name, Mode) else mode(mode_or_name)
    threads = check_integer("threads", threads, low=1, high=4)
    pairs = check_integer("pairs", pairs, low=0, high=MOST_PAIRS)
    rounds = check_integer("rounds", rounds, low=0, high=MOST_ROUNDS)
    seconds = check_number("seconds", seconds, low=0, high=MOST_SECONDS)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    check_callback("progress", progress)
    until = time.monotonic() + seconds
    rows: list[GrowthRow] = []

    def report() -> Growth:
        done, here = tuple(rows), Environment.current()
        return Growth(chosen.name, threads, pairs, rounds, seed, done, here)

    try:
        for number in range(pairs + 1):
            row = _row(chosen, threads, number, rounds, seed, until)
            if row is None:
                break
            rows.append(row)
            if progress is not None:
                progress(len(rows), pairs + 1)
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None


def _row(
    chosen: Mode, threads: int, pairs: int, rounds: int, seed: int, until: float
) -> GrowthRow | None:
    """Return a row; None if the time was not enough for it."""
    left = until - time.monotonic()
    if left <= 0:
        return None
    program = program_of(threads, pairs)
    found = explore(program, chosen, max_seconds=left)
    if found.verdict == "unfinished" or found.limit is not None:
        return None
    natural = widened = None
    if rounds:
        left = max(0.0, until - time.monotonic())
        given: dict[str, Any] = {"rounds": rounds, "seconds": left, "seed": seed}
        natural = race(chosen, program=program, gaps="natural", **given)
        widened = race(chosen, program=program, gaps="widened", **given).widened
    corrupt = [one.probability for kinds, one in found.outcomes.items() if kinds]
    return GrowthRow(
        operations=2 * pairs + 1,
        states=found.states,
        interleavings=found.interleavings or 0,
        probability=sum((one for one in corrupt if one is not None), Fraction(0)),
        natural_rounds=0 if natural is None else natural.known_rounds,
        natural_corrupt=0 if natural is None else natural.corrupt_rounds,
        natural_overlap=0.0 if natural is None else natural.overlap,
        widened_rounds=0 if widened is None else widened.known_rounds,
        widened_corrupt=0 if widened is None else widened.corrupt_rounds,
    )


def program_of(threads: int, pairs: int) -> str:
    """Return the program of a row."""
    loop = f"repeat {pairs} {{ incref x ; decref x }} ; " if pairs else ""
    names = [f"T{number}" for number in range(1, threads + 1)]
    held = [f"hold {name}.x = A" for name in names]
    return "\n".join([*held, *(f"{name}: {loop}decref x" for name in names)])
