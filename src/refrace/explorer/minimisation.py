"""A found run made smaller: fewer preemptions, then fewer steps."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import chain

from refrace.explorer.model.results import Way
from refrace.explorer.session import Session

__all__ = ["minimise"]

LATENT = "dangling-free"
STEPS_BEYOND = 1000
"""A changed run may become longer by so many steps before it is given up."""
MOST_RUNS = 20_000
"""Runs that the search for fewer preemptions tries."""


def minimise(
    session: Session, schedule: Sequence[int], kind: str, max_seconds: float
) -> Way:
    """Return a run to the same kind with fewer preemptions, then fewer steps.

    It is not always the smallest there is.  Of the run of a latent kind only the steps
    up to its occurrence are kept.  The search ends when nothing helps any more, or
    after `max_seconds`.

    First by small changes, as long as one of them helps; then by trying all runs with
    fewer preemptions, those with none first (M. Musuvathi, S. Qadeer: Iterative context
    bounding for systematic testing of multithreaded programs, PLDI 2007).
    """
    deadline = time.monotonic() + max_seconds
    best = _small_changes(session, _cut(session, list(schedule), kind), kind, deadline)
    fewer = _fewer_preemptions(session, kind, _cost(session, best), deadline)
    if fewer is not None:
        best = _small_changes(session, _cut(session, fewer, kind), kind, deadline)
    preemptions, steps = _cost(session, best)
    return Way(preemptions, steps, best)


def _small_changes(
    session: Session, best: list[int], kind: str, deadline: float
) -> list[int]:
    cost = _cost(session, best)
    improved = True
    while improved and time.monotonic() < deadline:
        improved = False
        for candidate in _changed(best):
            if time.monotonic() >= deadline:
                break
            codes, _, kinds = session.follow(candidate, len(best) + STEPS_BEYOND)
            if kind not in kinds:
                continue
            codes = _cut(session, codes, kind)
            new_cost = _cost(session, codes)
            if new_cost < cost:
                best, cost, improved = codes, new_cost, True
                break
    return best


def _fewer_preemptions(
    session: Session, kind: str, cost: tuple[int, int], deadline: float
) -> list[int] | None:
    """Return a run with fewer preemptions than `cost`, None if none was met."""
    waiting: list[tuple[int, int, list[int]]] = [(0, 0, [])]
    longest = cost[1] + STEPS_BEYOND
    for _ in range(MOST_RUNS):
        if not waiting or time.monotonic() >= deadline:
            return None
        _, _, prefix = heappop(waiting)
        codes, others, kinds = session.branch(prefix, longest)
        if kind in kinds:
            return codes
        for at, preemptions, code in others:
            if preemptions < cost[0]:
                heappush(waiting, (preemptions, at, [*codes[:at], code]))
    return None


def _cost(session: Session, codes: list[int]) -> tuple[int, int]:
    return session.replay(codes).preemptions, len(codes)


def _cut(session: Session, codes: list[int], kind: str) -> list[int]:
    """Leave out what comes after a latent finding; other kinds end their runs."""
    if kind != LATENT:
        return codes
    shortest, longest = 0, len(codes)
    while shortest < longest:  # it is there from some step on
        middle = (shortest + longest) // 2
        if kind in session.replay(codes[:middle]).kinds:
            longest = middle
        else:
            shortest = middle + 1
    return codes[:longest]


def _stretches(codes: Sequence[int]) -> list[list[int]]:
    """Cut a schedule where the thread changes."""
    stretches: list[list[int]] = []
    for code in codes:
        if stretches and stretches[-1][-1] // 4 == code // 4:
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
            # Join it with a later stretch of the same thread, before or behind.
            if stretches[j][0] // 4 == stretch[0] // 4:
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
