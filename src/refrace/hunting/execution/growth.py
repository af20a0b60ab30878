"""More rounds for what seems to grow: a leak goes on, a cache gets full."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from refrace.hunting.execution import round_counts
from refrace.hunting.execution.round_result import InTurn, Round
from refrace.hunting.judging.levels import (
    Levels,
    Suspicion,
    is_enough_growth,
    shared_objects,
)
from refrace.hunting.judging.orders import Order
from refrace.hunting.limits import SETTLE_S
from refrace.subjects import HuntProgram, Subject

__all__ = ["Growth"]


class _Runs(Protocol):
    done: int

    def round(
        self,
        order: Order | None = None,
        in_turn: Callable[[InTurn], object] | None = None,
    ) -> Round: ...

    def collect(self) -> None: ...


class Growth:
    """Runs more rounds of a program.

    Parameters
    ----------
    run : object
        What runs rounds, and counts them.
    subject : Subject
    program : HuntProgram
    """

    def __init__(self, run: _Runs, subject: Subject, program: HuntProgram) -> None:
        self._run = run
        self._subject = subject
        self._order = tuple(
            (thread, call)
            for thread, calls in enumerate(program.threads)
            for call in range(len(calls))
        )

    def fill(self, suspects: Sequence[Suspicion] = ()) -> bool:
        """Run rounds after which a cache with a bound is full, if there is time.

        Threads would take longer, so their calls are made one after the other.

        Returns
        -------
        bool
            Whether there was time for all rounds, or none of the suspects grew in them.
        """
        levels = self._new_levels() if suspects else None
        until = time.perf_counter() + SETTLE_S
        for _ in range(round_counts.READINGS):
            if levels is not None:
                self._run.collect()
                levels.read(self._run.done, is_collected=True)
                if not levels.may_confirm(suspects):
                    return True
            for _ in range(round_counts.FILLING_ROUNDS // round_counts.READINGS):
                self._run.round(self._order, _in_this_thread)
                if time.perf_counter() > until:
                    return False
        return True

    def go_on(
        self, levels: Levels, suspects: Sequence[Suspicion], deadline: float
    ) -> list[tuple[Suspicion, bool]]:
        """Return the suspects that change in more rounds.

        With each: whether visible containers change as much.
        """
        before = levels.snapshot(suspects)
        again = self._new_levels()
        first = self._run.done
        began = time.perf_counter()
        for reading in range(round_counts.READINGS):
            self._run.collect()
            again.read(self._run.done, is_collected=True)
            if not again.may_confirm(suspects):
                return []
            until = began + (deadline - began) * (reading + 1) / round_counts.READINGS
            for _ in range(round_counts.CONFIRMING_ROUNDS):
                self._run.round()
                if time.perf_counter() > until:
                    break
            if time.perf_counter() > deadline + SETTLE_S:
                return []
        self._run.collect()
        again.read(self._run.done, is_collected=True)
        passed = self._run.done - first
        after = levels.snapshot(suspects)
        confirmed = {(one.what, one.name): one for one in again.suspicions()}
        return [
            (found, levels.is_explained(suspect, before, after, passed))
            for suspect in suspects
            if (found := confirmed.get((suspect.what, suspect.name))) is not None
            and is_enough_growth(found, passed, round_counts.EVIDENCE_ROUNDS)
        ]

    def _new_levels(self) -> Levels:
        return Levels(shared_objects(self._subject.target))


def _in_this_thread(tasks: InTurn) -> None:
    for _, task in tasks:
        task()
