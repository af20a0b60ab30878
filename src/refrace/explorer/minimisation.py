"""Makes a run smaller: fewer preemptions, then fewer steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from itertools import chain

from refrace.explorer.model.deadline import OutOfTime
from refrace.explorer.session import Session
from refrace.traces.schedule import thread_of

__all__ = ["minimise"]

STEPS_BEYOND = 1000
"""A changed run is given up after it became longer by this many steps."""
MOST_RUNS = 20_000
"""Runs that the search for fewer preemptions tries."""


def minimise(
    session: Session, schedule: Sequence[int], kind: str, deadline: float
) -> list[int]:
    """Return a run to the same kind with fewer preemptions, then fewer steps.

    The result is not always the smallest run, and it is the given one if the deadline,
    a time of `time.monotonic`, comes first.  The run of a latent kind ends at its
    occurrence.

    First, small changes are made as long as one of them helps.  Then all runs with
    fewer preemptions are tried, those with none first (M. Musuvathi, S. Qadeer:
    Iterative context bounding for systematic testing of multithreaded programs, PLDI
    2007).
    """
    best = _Best(session, kind, schedule, deadline)
    with suppress(OutOfTime):
        best.take(schedule)
        _small_changes(session, best)
        fewer = _fewer_preemptions(session, best)
        if fewer is not None:
            best.take(fewer)
            _small_changes(session, best)
    return best.codes


class _Best:
    """The smallest run so far that leads to a kind of finding."""

    def __init__(
        self, session: Session, kind: str, schedule: Sequence[int], deadline: float
    ) -> None:
        self._session = session
        self.kind = kind
        self.deadline = deadline
        self.codes = list(schedule)
        # Not measured yet: any measured run is smaller.
        self.cost = (len(self.codes), len(self.codes) + 1)

    def take(self, codes: Sequence[int]) -> bool:
        """Keep a run that leads to the finding if it is smaller."""
        preemptions, steps = self._session.measure(codes, self.kind, self.deadline)
        if (preemptions, steps) >= self.cost:
            return False
        self.cost, self.codes = (preemptions, steps), list(codes[:steps])
        return True


def _small_changes(session: Session, best: _Best) -> None:
    improved = True
    while improved:
        improved = False
        for candidate in _changed(best.codes):
            codes, _, kinds = session.follow(
                candidate, len(best.codes) + STEPS_BEYOND, best.deadline
            )
            if best.kind in kinds and best.take(codes):
                improved = True
                break


def _fewer_preemptions(session: Session, best: _Best) -> list[int] | None:
    """Return a run with fewer preemptions than the best; None if none was found."""
    waiting: list[tuple[int, int, list[int]]] = [(0, 0, [])]
    longest = best.cost[1] + STEPS_BEYOND
    for _ in range(MOST_RUNS):
        if not waiting:
            return None
        _, _, prefix = heappop(waiting)
        codes, others, kinds = session.branch(prefix, longest, best.deadline)
        if best.kind in kinds:
            return codes
        for at, preemptions, code in others:
            if preemptions < best.cost[0]:
                heappush(waiting, (preemptions, at, [*codes[:at], code]))
    return None


def _stretches(codes: Sequence[int]) -> list[list[int]]:
    """Cut a schedule where the thread changes."""
    stretches: list[list[int]] = []
    for code in codes:
        if stretches and thread_of(stretches[-1][-1]) == thread_of(code):
            stretches[-1].append(code)
        else:
            stretches.append([code])
    return stretches


def _joined(stretches: Sequence[Sequence[int]]) -> list[int]:
    return list(chain.from_iterable(stretches))


def _changed(codes: Sequence[int]) -> Iterator[list[int]]:
    """Yield schedules with one change each, the most promising first."""
    stretches = _stretches(codes)
    for i, stretch in enumerate(stretches):
        rest = stretches[:i] + stretches[i + 1 :]
        yield _joined(rest)
        for j in range(i + 2, len(stretches)):
            # Join it with a later stretch of the same thread, before or after.
            if thread_of(stretches[j][0]) == thread_of(stretch[0]):
                early = [*stretches[: i + 1], stretches[j], *stretches[i + 1 : j]]
                yield _joined(early + stretches[j + 1 :])
                late = [*stretches[:i], *stretches[i + 1 : j], stretch]
                yield _joined(late + stretches[j:])
                break
    for i in range(len(stretches) - 1):
        swapped = [*stretches[:i], stretches[i + 1], stretches[i], *stretches[i + 2 :]]
        yield _joined(swapped)
    for i in range(len(codes)):
        yield [*codes[:i], *codes[i + 1 :]]
