"""Runs one exploration, from the search to the exact numbers."""

from __future__ import annotations

import time
from fractions import Fraction
from functools import partial
from math import inf, prod
from typing import TypeAlias, cast

from refrace._base.interrupts import uninterrupted
from refrace._native import explorer as native_explorer
from refrace.explorer.limits import Limit
from refrace.explorer.model.deadline import Deadline
from refrace.explorer.model.exact import Remainders, primes
from refrace.explorer.model.results import Explored, Misuse, Way

__all__ = ["explore"]

SPARE_BITS = 2
"""Spare bits: the bound on the number of runs is a floating-point sum."""

WIND_UP_S = 0.1
"""Seconds to find the shortest runs after a search was stopped."""

Outcome: TypeAlias = tuple[int | None, Fraction | None]


def explore(
    search: native_explorer.Search, deadline: Deadline, counts: bool
) -> tuple[Explored, BaseException | None]:
    """Run a search to its end; return its result, and the interrupt if any.

    `counts` is False if the search is in a reduced graph.
    """
    counting = _Counting(search, deadline)
    problem: BaseException | None = None
    try:
        while search.advance() != "done":
            if not deadline.check():
                _wind_up(search, "seconds")
        counting.take_schedules()
        numbers = search.numbers()
        if counts and numbers.is_complete and numbers.limit is None:
            counting.run(numbers.has_cycle)
    except MemoryError:
        if search.numbers().phase == "graph":
            raise  # not even the states are known
        counting.limit = cast(Limit, search.no_room())
    except BaseException as interrupt:
        problem = interrupt
        counting.limit = "interrupt"
        uninterrupted(partial(_wind_up, search, "interrupt"))
        uninterrupted(counting.take_schedules)
    return counting.result(), problem


def _wind_up(search: native_explorer.Search, why: str) -> None:
    """Stop a search, and find the shortest runs to its findings if there is time."""
    until = time.monotonic() + WIND_UP_S
    search.stop(why)
    while search.advance() != "done":
        if time.monotonic() > until:
            search.stop(why)


class _Counting:
    """The runs of a finished search, counted modulo one prime after another."""

    def __init__(self, search: native_explorer.Search, deadline: Deadline) -> None:
        self._search = search
        self._deadline = deadline
        self._primes = primes()
        self._is_unsolved = False
        self._is_infinite = False
        self.limit: Limit | None = None
        self.outcomes: dict[frozenset[str], Outcome] | None = None
        self._schedules: dict[str, tuple[int, list[int]]] | None = None
        self._misuse: tuple[list[int], int] | None = None

    def take_schedules(self) -> None:
        """Keep the shortest runs; counting reuses their memory."""
        if self._schedules is None:
            self._schedules = self._search.schedules()
            self._misuse = self._search.misuse()

    def _pass(self) -> tuple[int, native_explorer.Remainders] | None:
        """Count modulo the next suitable prime; None if there is no time left."""
        while True:
            prime = next(self._primes)
            self._search.count(prime)
            while self._search.advance() != "done":
                if not self._deadline.check():
                    return None
            raw = self._search.remainders()
            if not raw.is_singular:
                return prime, raw

    def _bounds(self) -> tuple[float, int] | None:
        """Return log2 of the number of runs, and a common denominator.

        None if there is no time left, or if another thread still looks for them.
        """
        found = self._search.bounds()
        while found is None and not self._search.bounds_beside():
            if not self._deadline.check():
                self.limit = "seconds"
                return None
            found = self._search.bounds()
        if found is None:
            return None
        log2_runs, powers = found
        return log2_runs, prod(q**power for q, power in powers.items())

    def run(self, has_cycle: bool) -> None:
        """Find the runs and the probability of each outcome."""
        found = self._pass()
        if found is None:
            self.limit = "seconds"
            return
        prime, raw = found
        n_outcomes = len(raw.outcomes)
        paths, shares = Remainders(n_outcomes), Remainders(n_outcomes)
        known: list[Fraction] | None = None
        bounds: tuple[float, int] | None = None
        while True:
            paths.add(prime, raw.paths)
            shares.add(prime, raw.probabilities)
            bounds = bounds or self._bounds()
            if self.limit is not None:
                return
            log2_runs, denominator = bounds or (inf, 0)
            is_enough = paths.modulus.bit_length() > log2_runs + SPARE_BITS
            probabilities: list[Fraction] | None = None
            if not raw.is_unsolved and not has_cycle:
                is_enough &= shares.modulus > denominator
            elif not raw.is_unsolved:
                # No bound is known: the probabilities are final once another prime
                # changes nothing and they add up to one.
                probabilities = shares.fractions()
                is_enough &= probabilities is not None and probabilities == known
                is_enough &= sum(probabilities or ()) == 1
                known = probabilities
            if is_enough:
                break
            found = self._pass()
            if found is None:
                self.limit = "seconds"
                return
            prime, raw = found
        if not raw.is_unsolved and not has_cycle:
            probabilities = shares.over(denominator)
        self._is_unsolved = raw.is_unsolved
        self._is_infinite = any(raw.infinite)
        counts = paths.integers()
        self.outcomes = {
            _kinds(bits): (
                None if raw.infinite[i] else counts[i],
                None if probabilities is None else probabilities[i],
            )
            for i, bits in enumerate(raw.outcomes)
            if raw.infinite[i] or counts[i]
        }

    def result(self) -> Explored:
        """Return the results of the exploration so far."""
        search = self._search
        numbers = search.numbers()
        limit = self.limit or cast(Limit | None, numbers.limit)
        finished = self.outcomes is not None
        counts = [count for count, _ in (self.outcomes or {}).values()]
        known = [count for count in counts if count is not None]
        error = None
        if self._misuse is not None:
            schedule, number = self._misuse
            message = native_explorer.misuse_message(number)
            error = Misuse(schedule, message)
        return Explored(
            finished=finished,
            limit=limit,
            states=numbers.states,
            most_states=numbers.most_states,
            transitions=numbers.transitions,
            state_bytes=numbers.state_bytes,
            bytes=numbers.bytes,
            disk_bytes=numbers.disk_bytes,
            elapsed_s=self._deadline.elapsed(),
            interleavings=sum(known) if finished and known == counts else None,
            infinite=self._is_infinite,
            unsolved=self._is_unsolved,
            outcomes=self.outcomes or {},
            schedules={
                kind: Way(preemptions, len(schedule), schedule)
                for kind, (preemptions, schedule) in (self._schedules or {}).items()
            },
            error=error,
        )


def _kinds(bits: int) -> frozenset[str]:
    return frozenset(
        kind for i, kind in enumerate(native_explorer.KINDS) if bits >> i & 1
    )
