"""Race threads for references to shared C objects."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast

from refrace import _core
from refrace._threads import run_threads
from refrace._validate import check_bool, check_integer
from refrace.catalogue import Mode, mode_number, modes
from refrace.environment import Environment, check_gil
from refrace.errors import Interrupted
from refrace.reports.race import RaceReport

__all__ = ["race"]

# Operations between two looks at a stop, without the GIL: some 40 ms in the slowest
# mode.
BUDGET_RELEASED = 1 << 17
# Operations of one turn with the GIL held: fewer than the default hold, so that the
# threads do change in the middle of it.
BUDGET_HELD = 16

MOST_OBJECTS = 1_000_000_000
MOST_HOLD = 2**31 - 1
SEEDS = 2**64


def race(
    mode: str | Mode,
    *,
    threads: int = 2,
    objects: int = 1000,
    hold: int = 64,
    gil: Literal["released", "held"] = "released",
    seed: int | None = None,
    shared: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> RaceReport:
    """Let threads take and drop references, and report what became of the objects.

    One object after the other: the threads meet, each takes `hold` references; they
    meet again, each drops them; then the owner drops the last one.

    Parameters
    ----------
    mode : str or Mode
        How the objects count; one of :func:`refrace.modes`.
    threads : int
        Threads that race, 1 to 64.  Default: 2.
    objects : int
        Objects raced for, one after the other, 1 to 1,000,000,000.  Memory does not
        grow with it.  Default: 1000.
    hold : int
        References that each thread takes of each object, 1 to 2,147,483,647.
        Default: 64.
    gil : {"released", "held"}
        Whether the C code runs without the GIL, or in turns of 16 operations with it.
        Default: ``"released"``.
    seed : int, optional
        Seed of the few nanoseconds of jitter before each phase, 0 to 2**64 - 1.  The
        same seed does not give the same race.  Default: a random one, reported.
    shared : bool
        Whether the threads race for the same objects or each has its own.
        Default: True.
    progress : callable, optional
        Called with objects settled and objects in all, about twenty times a second,
        in the calling thread.  Default: none.

    Returns
    -------
    RaceReport
        Each object intact, leaked or freed early; lost updates; overlap.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, or the operating system
        refuses a thread.
    MemoryError
        If there is no memory for the race; some 16 kB a thread and 16 kB.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was settled until then.

    Notes
    -----
    No thread is pinned or favoured.  Freed objects stay poisoned in an arena, so
    nothing here can harm the process, whatever the counts do.  A race shows what
    happened in one run; that nothing happened is no proof (:func:`refrace.explore`
    gives one).

    Phases of one direction, instead of balanced pairs of increment and decrement,
    because a core that reads back its own last store hides nearly every lost update.

    Examples
    --------
    >>> import refrace
    >>> report = refrace.race("object_lock", objects=100)
    >>> report.intact, report.leaked, report.freed_early
    (100, 0, 0)
    """
    number = mode_number(mode)
    threads = check_integer("threads", threads, low=1, high=_core.MAX_THREADS)
    objects = check_integer("objects", objects, low=1, high=MOST_OBJECTS)
    hold = check_integer("hold", hold, low=1, high=MOST_HOLD)
    gil = cast(Literal["released", "held"], check_gil(gil))
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    shared = check_bool("shared", shared)

    native = _core.Race(number, threads, objects, hold, shared, gil == "held", seed)
    if gil == "held":
        run = partial(native.run_holding_gil, budget=BUDGET_HELD)
    else:
        run = partial(native.run, budget=BUDGET_RELEASED)

    def report() -> RaceReport:
        return _report(
            native.tally(),
            mode=modes()[number].name,
            threads=threads,
            gil=gil,
            shared=shared,
            hold=hold,
            seed=seed,
            objects_requested=objects if shared else objects * threads,
        )

    try:
        run_threads(
            [partial(run, thread) for thread in range(threads)],
            stop=native.stop,
            on_look=progress and (lambda: progress(native.progress(), objects)),
        )
    except KeyboardInterrupt:
        raise Interrupted(report()) from None
    return report()


def _report(tally: dict[str, Any], **setting: Any) -> RaceReport:
    busy_ns = tally.pop("busy_ns")
    crowded_ns = tally.pop("crowded_ns")
    return RaceReport(
        **setting,
        overlap=crowded_ns / busy_ns if busy_ns else 0.0,
        busy_s=busy_ns / 1e9,
        elapsed_s=tally.pop("elapsed_ns") / 1e9,
        environment=Environment.current(),
        **tally,
    )
