"""Python threads for the verbs: all start or none stays, and Ctrl-C ends them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from refrace.errors import EnvironmentUnfit

__all__ = ["run_threads"]

# Seconds between two looks at progress while threads run; also how long an interrupt
# can go unheard on interpreters whose waits are not interruptible.
LOOK_EVERY_S = 0.05


def run_threads(
    targets: Sequence[Callable[[], None]],
    *,
    stop: Callable[[], None],
    on_look: Callable[[], None] | None = None,
) -> None:
    """Run each target in a thread of its own and wait until all have ended.

    Parameters
    ----------
    targets : sequence of callable
        What each thread does; called without arguments.
    stop : callable
        Makes all targets return soon; called, from this thread, when a thread cannot
        be started, when a target raises, and on Ctrl-C.
    on_look : callable, optional
        Called from this thread every 50 ms while they run.  Default: none.

    Raises
    ------
    EnvironmentUnfit
        If the operating system refuses a thread; those already started are ended.
    BaseException
        The first exception of a target, or what interrupted the wait
        (``KeyboardInterrupt``), after all threads have ended.
    """
    failures: list[BaseException] = []
    running = len(targets)
    lock = threading.Lock()
    all_ended = threading.Event()

    def run(target: Callable[[], None]) -> None:
        nonlocal running
        try:
            target()
        except BaseException as error:
            failures.append(error)
        with lock:
            running -= 1
            if running == 0 or failures:
                all_ended.set()

    threads: list[threading.Thread] = []
    all_started = False
    try:
        for number, target in enumerate(targets):
            thread = threading.Thread(
                target=run, args=(target,), name=f"refrace-{number}", daemon=True
            )
            # In the list before it runs: an interrupt can come right after the start.
            threads.append(thread)
            try:
                thread.start()
            except RuntimeError as error:
                raise EnvironmentUnfit(
                    f"thread {number + 1} of {len(targets)} could not be started "
                    f"({error}); ask for fewer threads, or raise the limit on processes"
                ) from None
        all_started = True
        while not all_ended.wait(LOOK_EVERY_S):
            if on_look is not None:
                on_look()
    finally:
        if not all_started or not all_ended.is_set() or failures:
            stop()
        for thread in threads:
            _join(thread)
    if failures:
        # Its traceback holds this frame: were it still held by the frame, what the
        # targets use would live until the next garbage collection.
        first = failures[0]
        failures.clear()
        try:
            raise first
        finally:
            del first


def _join(thread: threading.Thread) -> None:
    """Wait for a thread that was told to stop, through any number of Ctrl-C."""
    while thread.is_alive():
        with suppress(KeyboardInterrupt):
            thread.join()
