"""When each thread of a race was inside: a race that keeps its times."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Literal, cast

from refrace._base.arguments import check_choice, check_integer
from refrace._base.interrupts import interrupted
from refrace._base.threads import run_threads
from refrace._native import objects as native_objects
from refrace.catalogue.interpreter_mode import check_references, racing_mode
from refrace.catalogue.mode import Mode
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidArgument
from refrace.races.race_report import RaceReport
from refrace.races.racing import BUDGET_HELD, BUDGET_RELEASED, ODDS, SEEDS, part_of
from refrace.races.timeline_report import Stretch, Timeline

__all__ = ["timeline"]

MOST_OBJECTS = 10_000
MOST_HOLD = 10_000_000
HOLD, HOLD_IN_TURNS = 1_000_000, 256
KEPT = 100_000
"""Stretches of each thread that are kept at most."""


def timeline(
    mode: str | Mode,
    *,
    threads: int = 2,
    objects: int = 6,
    hold: int | None = None,
    gil: Literal["released", "held"] = "released",
    gaps: Literal["natural", "widened"] = "natural",
    seed: int | None = None,
) -> Timeline:
    """Race threads and keep when each of them was inside.

    Parameters
    ----------
    mode : str or Mode
        The refcount mode.
    threads, objects : int
        The number of racing threads, and of objects, 1 to 10,000.
    hold : int, optional
        The references that each thread takes to each object, 1 to 10,000,000.
        Default: 1,000,000, so that threads meet also on a busy machine; 256 with the
        GIL held, where every turn is a stretch.
    gil : {"released", "held"}
        Whether the C code runs without the GIL, or in turns while holding it.
    gaps : {"natural", "widened"}
        Whether threads run as the machine schedules them, or sometimes wait between two
        accesses of one operation.
    seed : int, optional
        Seed of the jitter and of the waits.  Default: random.

    Returns
    -------
    Timeline
        ``save("race.perfetto.json")`` writes it for https://ui.perfetto.dev, and
        ``save("race.svg")`` as a picture.

    Raises
    ------
    InvalidArgumentType, InvalidArgument, UnknownMode
        If an argument has the wrong type, is out of range, or is unknown.
    Interrupted
        On Ctrl-C; its `report` has what was done.

    Notes
    -----
    A stretch is measured by its own thread with the monotonic clock, from the first to
    the last operation of a phase; with the GIL held, it is a turn of at most 16
    operations.  It includes the time in which the system had taken the thread off its
    core, which no clock in the process can tell apart.

    Examples
    --------
    >>> import refrace
    >>> seen = refrace.timeline("atomic", objects=3, hold=64)
    >>> sum(one.operations for one in seen.stretches) == 3 * 2 * 2 * 64
    True
    """
    chosen = racing_mode(mode)
    threads = check_integer("threads", threads, low=1, high=native_objects.MAX_THREADS)
    objects = check_integer("objects", objects, low=1, high=MOST_OBJECTS)
    gil = cast(Literal["released", "held"], check_gil(gil))
    if hold is None:
        hold = HOLD_IN_TURNS if gil == "held" else HOLD
    hold = check_integer("hold", hold, low=1, high=MOST_HOLD)
    check_references(chosen, threads, hold)
    gaps = check_choice("gaps", gaps, ("natural", "widened"))
    if gil == "held" and gaps == "widened":
        raise InvalidArgument(
            "gaps='widened' conflicts with gil='held': no other thread can count in a "
            "gap of the thread that holds the GIL; pass gil='released' or "
            "gaps='natural'"
        )
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    is_held = gil == "held"
    native = native_objects.Race(
        chosen.number,
        threads,
        objects,
        hold,
        True,
        False,
        is_held,
        ODDS[0] if gaps == "widened" else 0,
        seed,
        n_stretches=KEPT,
    )
    run = native.run_holding_gil if is_held else native.run
    budget = BUDGET_HELD if is_held else BUDGET_RELEASED

    def report() -> Timeline:
        done = RaceReport.of_parts(
            [part_of(native.tally(), gaps, hold, objects)],
            mode=chosen.name,
            threads=threads,
            gil=gil,
            shared=True,
            owner="racing",
            seed=seed,
            environment=Environment.current(),
        )
        stretches = [
            Stretch(thread, *one)
            for thread in range(threads)
            for one in native.stretches(thread)
        ]
        stretches.sort(key=lambda one: (one.begin_ns, one.thread))
        return Timeline(done, tuple(stretches))

    try:
        run_threads(
            [partial(run, thread, budget=budget) for thread in range(threads)],
            stop=native.stop,
        )
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None
