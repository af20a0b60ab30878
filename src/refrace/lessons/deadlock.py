"""Let threads take two locks each, in an order that deadlocks or one that cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, cast

from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.threads import run_threads
from refrace._native import lessons as native_lessons
from refrace.environment import Environment
from refrace.lessons.deadlock_report import DeadlockReport, WaitEdge

__all__ = ["deadlock"]

ORDERS = ("opposite", "same")
LOCKS = ("object", "global")
LONGEST_TIMEOUT_S = 3600.0


def deadlock(
    order: Literal["opposite", "same"] = "opposite",
    threads: int = 2,
    timeout: float = 1.0,
    *,
    lock: Literal["object", "global"] = "object",
    progress: Callable[[int, int], None] | None = None,
) -> DeadlockReport:
    """Let threads in a ring lock two neighbouring objects each, and report the outcome.

    Thread i locks objects i and i + 1, and the last thread its own object and object 0,
    without the GIL.  Between its two locks a thread waits until every other thread has
    its first lock or is blocked on it, so that a possible deadlock always happens.  It
    is detected when the last wait closes the cycle, and resolved by refusing that wait.

    Parameters
    ----------
    order : {"opposite", "same"}
        ``"opposite"``: each thread locks its own object first, so that two threads
        lock the same two objects in opposite order.  ``"same"``: each thread locks the
        lower object first.  Default: ``"opposite"``.
    threads : int
        Threads in the ring, 2 to 64.  Default: 2.
    timeout : float
        Seconds after which all waits end, 0 to 3600.  Detection does not need it; it
        limits the duration if threads do not get to run.  Default: 1.
    lock : {"object", "global"}
        Whether each object has its own lock, or all share one reentrant lock.
        Default: ``"object"``.
    progress : callable, optional
        Called in the calling thread with the threads that have finished and their
        total, about twenty times a second.  Default: none.

    Returns
    -------
    DeadlockReport
        The locks that threads held and waited for, and how many threads finished.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    EnvironmentUnfit
        If the operating system cannot start a thread.
    MemoryError
        If there is not enough memory for the locks; some 10 kB.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the state so far.

    Notes
    -----
    ``order="opposite"`` with a lock per object deadlocks in every run that does not
    reach the timeout; the other three combinations never deadlock.  A lock consists of
    an owner, a depth and a queue under a mutex, so that a wait can be cancelled;
    waiting threads sleep until they are handed the lock.

    References
    ----------
    E. G. Coffman, M. J. Elphick, A. Shoshani: System deadlocks, Computing Surveys
    3(2), 1971.  J. W. Havender: Avoiding deadlock in multitasking systems, IBM Systems
    Journal 7(2), 1968 (one order for all locks).

    Examples
    --------
    >>> import refrace
    >>> report = refrace.deadlock()
    >>> report.deadlocked, sorted(report.cycle)[0]
    (True, WaitEdge(thread=0, holds=0, waits_for=1))
    >>> refrace.deadlock(order="same").deadlocked
    False
    """
    order = cast(Literal["opposite", "same"], check_choice("order", order, ORDERS))
    threads = check_integer("threads", threads, low=2, high=native_lessons.MAX_WAITERS)
    timeout = check_number("timeout", timeout, low=0, high=LONGEST_TIMEOUT_S)
    lock = cast(Literal["object", "global"], check_choice("lock", lock, LOCKS))
    check_callback("progress", progress)

    ring = native_lessons.Ring(
        threads, order == "opposite", lock == "global", int(timeout * 1e9)
    )

    def report() -> DeadlockReport:
        result = ring.result()
        return DeadlockReport(
            order=order,
            lock=lock,
            threads=threads,
            timeout_s=timeout,
            cycle=tuple(WaitEdge(*edge) for edge in result.cycle),
            finished=result.finished,
            waits=result.waits,
            timed_out=result.expired,
            elapsed_s=result.elapsed_ns / 1e9,
            environment=Environment.current(),
        )

    try:
        run_threads(
            [partial(ring.run, thread) for thread in range(threads)],
            stop=ring.stop,
            on_look=None
            if progress is None
            else lambda: progress(ring.result().finished, threads),
        )
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None
