"""One sample from many batches of runs on an executor."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Literal, NamedTuple

from refrace._base.executors import Batches, Stop
from refrace.catalogue.mode import Mode
from refrace.errors import LimitReached
from refrace.explorer.memory import Memory
from refrace.explorer.model.deadline import PERIOD_S
from refrace.explorer.model.results import Sampled
from refrace.explorer.model.sampling import Plan, merged
from refrace.explorer.session import Session, session_of
from refrace.programs import Program

__all__ = ["SampleBatches"]


class _Payload(NamedTuple):
    """What a worker needs for some of the runs."""

    program: Program
    mode: Mode
    gil: str
    plan: Plan
    max_seconds: float
    memory: Memory


def _runs(payload: _Payload, stop: Stop) -> Sampled:
    session = session_of(payload.program, payload.mode, payload.gil, payload.memory)
    return session.sample(payload.plan, payload.max_seconds, stop.check)


class SampleBatches:
    """The runs of a sample on an executor.

    A run depends on the seed and on its number only, so the result is that of one
    sample in this process, but for the time.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    session : Session
    plan : Plan
    max_seconds : float
    progress : callable, optional
        Called about ten times a second with the number of runs done.
    """

    def __init__(
        self,
        executor: Executor,
        session: Session,
        plan: Plan,
        max_seconds: float,
        progress: Callable[[int], object] | None,
    ) -> None:
        self._executor = executor
        self._session = session
        self._plan = plan
        self._began = time.monotonic()
        self._ends = self._began + max_seconds
        self._progress = progress
        self._next_look = self._began + PERIOD_S
        self._parts: dict[int, Sampled] = {}  # by the number of the first run
        self._lost = ""

    def run(self) -> Sampled:
        """Do all runs, until one makes an error or the time is over.

        Raises
        ------
        LimitReached
            If no run was done in time.
        """
        horizon = self._session.horizon(self._plan, self._left())
        self._plan = replace(self._plan, horizon=horizon)
        batches = Batches(
            self._executor,
            _runs,
            self._plan.runs,
            self._payload,
            on_look=self._look,
            deadline=self._ends,
        )
        with batches:
            for batch in batches:
                if batch.result is None:
                    self._lost = batch.lost or ""
                    continue
                self._parts[batch.items.start] = batch.result
                if batch.result.error is not None:
                    batches.forget_from(batch.items.start)
        is_late = time.monotonic() >= self._ends
        found = self._merged("seconds" if is_late else "worker")
        if found is None:
            raise LimitReached(
                f"every worker was lost ({self._lost}); call without executor"
                if self._lost
                else "no worker had done a run when the time was over; raise "
                "max_seconds, or call without executor"
            )
        return found

    def known(self) -> Sampled | None:
        """Return the runs done until an interrupt; None if there are none."""
        return self._merged("interrupt")

    def _merged(
        self, limit: Literal["seconds", "interrupt", "worker"]
    ) -> Sampled | None:
        parts = [self._parts[first] for first in sorted(self._parts)]
        if not sum(part.runs for part in parts) and not any(p.error for p in parts):
            return None
        found = merged(parts, limit, time.monotonic() - self._began)
        is_whole = found.error is not None or found.runs == self._plan.runs
        return replace(found, limit=None) if is_whole else found

    def _payload(self, runs: range) -> _Payload:
        session = self._session
        plan = replace(self._plan, first=runs.start, runs=len(runs))
        left = self._left()
        return _Payload(
            session.program, session.mode, session.gil, plan, left, session.memory
        )

    def _left(self) -> float:
        return max(0.0, self._ends - time.monotonic())

    def _look(self) -> None:
        now = time.monotonic()
        if self._progress is not None and now >= self._next_look:
            self._next_look = now + PERIOD_S
            self._progress(sum(part.runs for part in self._parts.values()))
