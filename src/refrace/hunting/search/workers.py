"""The search of a hunt on the workers of an executor."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor

from refrace._base.executors import Batches, Stop, Stopped
from refrace.hunting.search.batch import BatchOutcome, BatchRequest, run_batch

__all__ = ["search_on"]

_MOST_BATCHES = 2**40
_LOADING_S = 20.0


def search_on(
    executor: Executor,
    request: Callable[[int], BatchRequest],
    came_back: Callable[[BatchOutcome | None], object],
    is_quiet: Callable[[], bool],
    on_look: Callable[[], object],
    ends: float,
) -> None:
    """Have an executor run batches until the search is over.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    request : callable
        Returns the request of a batch, by its number from 0.
    came_back : callable
        Called with each outcome, in any order; with None for a batch that is lost.
    is_quiet : callable
        Whether the search ends before its time, asked after each batch.
    on_look : callable
        Called in this thread about every 50 ms.
    ends : float
        End of the search, as `time.monotonic` gives it.  Batches that were submitted
        before it may come back for some seconds more: workers have to load the subject.
    """
    submitted = 0

    def payload(numbers: range) -> tuple[BatchRequest, ...]:
        nonlocal submitted
        submitted = max(submitted, numbers.stop)
        return tuple(map(request, numbers))

    with Batches(
        executor,
        _run,
        _MOST_BATCHES,
        payload,
        on_look=on_look,
        deadline=ends + _LOADING_S,
    ) as batches:
        for batch in batches:
            for outcome in batch.result or (None,):
                came_back(outcome)
            if is_quiet():
                return
            if time.monotonic() >= ends:
                batches.forget_from(submitted)


def _run(requests: tuple[BatchRequest, ...], stop: Stop) -> tuple[BatchOutcome, ...]:
    """Run batches in a worker; `stop` reaches workers that are threads."""

    def should_stop() -> bool:
        try:
            stop.check()
        except Stopped:
            return True
        return False

    return tuple(run_batch(each, should_stop=should_stop) for each in requests)
