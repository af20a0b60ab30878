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
from refrace.hunting.judging.retention import Retention
from refrace.hunting.judging.visible import (
    entries_that_may_refer,
    growing,
    sizes_of_all,
)
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


# Subjects and operations that fill a cache.  To fill it takes as long as twenty other
# programs, so a process does it once for the same operations.
_caches: list[tuple[object, str, frozenset[str]]] = []


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
        self._operations = frozenset(program.operations)
        self._order = tuple(
            (thread, call)
            for thread, calls in enumerate(program.threads)
            for call in range(len(calls))
        )

    def is_of_cache(self, what: str) -> bool:
        """Return whether these operations have filled a cache in this process."""
        return any(
            subject is self._subject.target
            and kept == what
            and self._operations <= names
            for subject, kept, names in _caches
        )

    @property
    def why_left_out(self) -> str:
        """Why what grows in this program is not judged, after :meth:`is_of_cache`."""
        return f"{', '.join(sorted(self._operations))} fill a cache, as seen before"

    def note_cache(self, what: str) -> None:
        """Remember that growth of these operations came to an end."""
        _caches.append((self._subject.target, what, self._operations))

    def fill(self, added: float = 1.0, suspects: Sequence[Suspicion] = ()) -> None:
        """Run rounds after which a cache with a bound is full, if there is time.

        Threads would take longer, so their calls are made one after the other.

        Parameters
        ----------
        added : float
            Objects that a round adds at least.  Default: 1.
        suspects : sequence of Suspicion
            It ends when none of these grows any more.  Default: it goes on.
        """
        levels = self._new_levels() if suspects else None
        until = time.perf_counter() + SETTLE_S
        every = max(1, round(round_counts.FILLING / added / round_counts.READINGS))
        for _ in range(round_counts.READINGS):
            if levels is not None:
                self._run.collect()
                levels.read(self._run.done, is_collected=True)
                if not levels.may_confirm(suspects):
                    return
            for _ in range(every):
                self._run.round(self._order, _in_this_thread)
                if time.perf_counter() > until:
                    return

    def is_of_registry(self, retention: Retention, most: int) -> bool:
        """Run rounds until all that may leak did so again; return what explains it.

        That is a visible container which grows as much: the collector does not see what
        an object refers to that is in no cycle, but it sees the registry of such
        objects.

        Parameters
        ----------
        retention : Retention
            What the rounds have kept.
        most : int
            Rounds in which it must be kept again: those with threads up to now.
        """
        sizes = sizes_of_all()
        fewest = self._keep_again(retention, most, round_counts.CONFIRMING_ROUNDS)
        grown = growing(sizes, sizes_of_all(), fewest)
        if not grown:
            return False
        # Once may be chance: that of another container at the same address.  References
        # to what leaks are counted: those of a log do not explain the others.
        leaking = retention.addresses_of_leaking
        entries = entries_that_may_refer(grown, leaking())
        fewest = self._keep_again(retention, most, round_counts.EVIDENCE_ROUNDS)
        return bool(growing(entries, entries_that_may_refer(grown, leaking()), fewest))

    def _keep_again(self, retention: Retention, most: int, at_once: int) -> int:
        """Run rounds, and return the fewest that kept some of what may leak.

        A leak in some rounds only, as that of a race, needs some luck.
        """
        since = self._run.done
        until = time.perf_counter() + SETTLE_S
        while True:  # once at least, however slow this process is
            for _ in range(at_once):
                self._run.round()
            if retention.is_waiting:
                self._run.collect()
            if (
                retention.has_all_since(since)
                or self._run.done >= since + most
                or time.perf_counter() > until
            ):
                return max(1, retention.fewest_since(since))

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
