"""Let threads append to one array in three steps, and count the lost items."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Literal, cast

from refrace._base.arguments import check_bool, check_callback, check_integer
from refrace._base.interrupts import interrupted
from refrace._base.threads import run_threads
from refrace._native import lessons as native_lessons
from refrace.environment import Environment, check_gil, gil_is_enabled
from refrace.lessons.append_report import AppendReport

__all__ = ["lost_append"]

SEEDS = 2**64


def lost_append(
    threads: int = 2,
    appends: int = 1000,
    gil: Literal["held", "released"] | None = None,
    *,
    locked: bool = False,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AppendReport:
    """Let threads append to one array in three steps, and report the lost items.

    An append reads the length, stores its item there, and publishes the length plus
    one.  Each step is atomic; the three together are not, with or without the GIL.

    Parameters
    ----------
    threads : int
        Number of appending threads, 1 to 64.  Default: 2.
    appends : int
        Appends by each thread, 1 to 1,000,000.  Default: 1000.
    gil : {"held", "released"}, optional
        Whether each step runs with the GIL held and releases it afterwards, or all
        steps run without it.  Default: ``"held"`` where there is a GIL, ``"released"``
        where there is none.
    locked : bool
        Whether each append runs under a lock that all threads share.  Default: False.
    seed : int, optional
        Seed of the choice of steps after which a thread waits for another thread's
        step, 0 to 2**64 - 1.  The same seed does not give the same run.  Default: a
        random one, reported.
    progress : callable, optional
        Called in the calling thread with the appends done and the total, about twenty
        times a second.  Default: none.

    Returns
    -------
    AppendReport
        The number of items kept, overwritten or cut off; how often threads met.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, or the operating system
        cannot start a thread.
    MemoryError
        If there is not enough memory for the array: 4 to 8 bytes for each item kept,
        and one bit for each append.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the results so far.

    Notes
    -----
    At half of the places between two steps, chosen at random, a thread waits (at most
    some 100 us) until another thread has made a step.  An interpreter may switch
    threads at the same places, but does so less often.  The share of items lost here
    therefore does not predict that of a real program; it shows that items can be lost.

    The array grows by segments that do not move, so only the order of the steps can
    lose an item.  With ``realloc``, a store through the old pointer would also be a use
    after free.

    Examples
    --------
    >>> import refrace
    >>> report = refrace.lost_append(locked=True)
    >>> report.kept, report.lost
    (2000, 0)
    """
    threads = check_integer(
        "threads", threads, low=1, high=native_lessons.MAX_APPENDERS
    )
    appends = check_integer("appends", appends, low=1, high=native_lessons.MAX_APPENDS)
    if gil is None:
        gil = "held" if gil_is_enabled() else "released"
    gil = cast(Literal["held", "released"], check_gil(gil))
    locked = check_bool("locked", locked)
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    check_callback("progress", progress)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)

    native = native_lessons.Append(threads, appends, locked, seed)
    run = native.run_holding_gil if gil == "held" else native.run
    requested = threads * appends

    def report() -> AppendReport:
        tally = native.tally()
        return AppendReport(
            threads=threads,
            gil=gil,
            locked=locked,
            seed=seed,
            appends_requested=requested,
            appends=tally.appends,
            kept=tally.kept,
            overwritten=tally.overwritten,
            cut_off=tally.cut_off,
            length=tally.length,
            interleaved=tally.interleaved,
            elapsed_s=tally.elapsed_ns / 1e9,
            environment=Environment.current(),
        )

    try:
        run_threads(
            [partial(run, thread) for thread in range(threads)],
            stop=native.stop,
            on_look=None
            if progress is None
            else lambda: progress(native.progress(), requested),
        )
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None
