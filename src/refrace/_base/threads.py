"""Python threads for the verbs: none of them outlives the call that started it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from refrace._native import thread_group as native_threads
from refrace.errors import EnvironmentUnfit

__all__ = ["run_threads"]

# Seconds between two looks at progress while threads run.  An interrupt that the system
# delivers to another thread is noticed at the next look.
LOOK_EVERY_S = 0.05


def run_threads(
    targets: Sequence[Callable[[], object]],
    *,
    stop: Callable[[], object],
    on_look: Callable[[], object] | None = None,
) -> None:
    """Run each target in a thread of its own and wait until all have ended.

    Any number of interrupts may arrive meanwhile.  The first one stops the threads;
    those that follow until the threads have ended are ignored.

    Parameters
    ----------
    targets : sequence of callable
        What each thread does; called without arguments.
    stop : callable
        Makes all targets return soon.  Called, from a thread that receives no
        interrupts, when a thread cannot be started, when a target raises, and after an
        interrupt.
    on_look : callable, optional
        Called from this thread every 50 ms while they run.  Default: none.

    Raises
    ------
    EnvironmentUnfit
        If the operating system refuses a thread, if a thread ends before its target
        does (a hook of `threading.setprofile` or `threading.settrace` that raises can
        do that), or in a child that `on_look` has forked.
    BaseException
        What interrupted the wait (``KeyboardInterrupt``), or what `on_look` raised, or
        the first exception of a target; after all threads have ended.
    """
    try:
        native_threads.run(targets, stop, on_look or _look, LOOK_EVERY_S)
    except native_threads.ThreadProblem as problem:
        raise _unfit(problem, len(targets)) from None


def _look() -> None:
    """Do nothing, in bytecode: this is where an asynchronous exception arrives."""


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
        "this process was forked while its parent ran threads, and has none of them; "
        "leave the child with os._exit(), or call the function again in it"
    )
