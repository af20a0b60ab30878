"""Let threads append to one array in three steps, and count what is lost."""

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
    """Let threads append to one array in three steps, and report what became of items.

    An append reads the length, stores its item there, and publishes the length plus
    one.  Each step is indivisible; the three together are not, with the GIL or without.

    Parameters
    ----------
    threads : int
        Threads that append, 1 to 64.  Default: 2.
    appends : int
        Appends of each thread, 1 to 1,000,000.  Default: 1000.
    gil : {"held", "released"}, optional
        Whether each step runs with the GIL held, which is given up between the steps,
        or all run without it.  Default: ``"held"`` where there is a GIL, ``"released"``
        where there is none.
    locked : bool
        Whether each append runs under a lock, the same for all.  Default: False.
    seed : int, optional
        Seed of the choice between which steps a thread waits for another one's step,
        0 to 2**64 - 1.  The same seed does not give the same run.  Default: a random
        one, reported.
    progress : callable, optional
        Called with appends done and appends in all, about twenty times a second, in
        the calling thread.  Default: none.

    Returns
    -------
    AppendReport
        Each item kept, overwritten or cut off; how often threads met.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, or the operating system
        refuses a thread.
    MemoryError
        If there is no memory for the array; 4 to 8 bytes an item kept, and one bit an
        append.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was appended until then.

    Notes
    -----
    At every second place between two steps, chosen at random, a thread waits (some
    100 us at most) until another one has made a step: the places are those where an
    interpreter may switch threads, which it does less often.  So the share of items
    lost here is no measure of a real program's; that items can be lost is.

    The array grows by segments that do not move, so that nothing but the order of the
    steps can lose an item: with ``realloc`` a store through the old pointer would be a
    use after free besides.

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
            elapsed_s=tally.pop("elapsed_ns") / 1e9,
            environment=Environment.current(),
            **tally,
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
