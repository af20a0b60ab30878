"""Python threads; none of them outlives the call that started it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from refrace._native import thread_group as native_threads
from refrace.errors import EnvironmentUnfit

__all__ = ["run_threads"]

# Seconds between progress checks while threads run.  An interrupt that the system
# delivers to another thread is noticed at the next check.
LOOK_EVERY_S = 0.05


def run_threads(
    targets: Sequence[Callable[[], object]],
    *,
    stop: Callable[[], object],
    on_look: Callable[[], object] | None = None,
) -> None:
    """Run each target in its own thread and wait until all have ended.

    The first interrupt stops the threads; further interrupts are ignored until the
    threads have ended.

    Parameters
    ----------
    targets : sequence of callable
        The work of each thread; called without arguments.
    stop : callable
        Makes all targets return soon.  Called, from a thread that receives no
        interrupts, when a thread cannot be started, when a target raises, and after an
        interrupt.
    on_look : callable, optional
        Called from this thread every 50 ms while they run.  Default: None.

    Raises
    ------
    EnvironmentUnfit
        If the operating system refuses a thread, if a thread ends before its target
        does (a hook of `threading.setprofile` or `threading.settrace` that raises can
        do that), or in a child that `on_look` has forked.
    BaseException
        The interrupt of the wait (``KeyboardInterrupt``), an exception of `on_look`, or
        the first exception of a target; raised after all threads have ended.
    """
    try:
        native_threads.run(targets, stop, on_look or _look, LOOK_EVERY_S)
    except native_threads.ThreadProblem as problem:
        raise _unfit(problem, len(targets)) from None


def _look() -> None:
    """Do nothing, in bytecode, so that an asynchronous exception can arrive here."""


def _unfit(problem: native_threads.ThreadProblem, total: int) -> EnvironmentUnfit:
    what, number, error = problem.args
    if what == "unstarted":
        return EnvironmentUnfit(
            f"thread {number + 1} of {total} could not be started ({error}); ask for "
            "fewer threads, or raise the limit on processes"
        )
    if what == "lost":
        return EnvironmentUnfit(
            f"thread {number + 1} of {total} died before its work was done; remove the "
            "hook of threading.setprofile or threading.settrace that raises in it"
        )
    return EnvironmentUnfit(
        "this process was forked while its parent ran threads, which do not exist "
        "here; end the child with os._exit(), or call the function again in it"
    )
