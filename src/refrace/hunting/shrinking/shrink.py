"""Make the program of a finding smaller for as long as it shows the finding.

A race shows in some runs only, so a candidate gets as many trials as the program needs
to show it with high probability; in the end the rate is measured, with its interval.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

from refrace._base.confidence import interval
from refrace.hunting.search.sighting import Sighting
from refrace.hunting.shrinking.trials import Trials

__all__ = ["Shrunk", "shrink"]

_FIRST_TRIALS = 4
_LAST_TRIALS = 10
_MOST_TRIALS = 5
_MISS = 0.05
_ROUNDS = (1, 2, 5, 10, 20, 50, 100, 200)
_TRAP_TRIALS = 3
# Seeing that a thread waits takes seconds, so these get fewer trials.
_SLOW_KINDS = ("hang", "deadlock")
# What shrinking may use of the time left; the rest is for the rate and the traps.
_SHARE = 0.6


@dataclass(frozen=True)
class Shrunk:
    """A finding with its smallest known program.

    Attributes
    ----------
    sighting : Sighting
        The finding, as that program showed it last.
    rounds : int
        Rounds of a run.
    shown, runs : int
        How many of how many runs of the program, each in a fresh process, showed it.
    steps : int
        How often the program became smaller.
    """

    sighting: Sighting
    rounds: int
    shown: int
    runs: int
    steps: int

    @property
    def rate(self) -> float:
        """Share of the runs that showed it; 0 without runs."""
        return self.shown / self.runs if self.runs else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the rate (Clopper-Pearson)."""
        return interval(self.shown, self.runs)


def shrink(sighting: Sighting, trials: Trials, repeats: int | None) -> Shrunk:
    """Return a finding with a program that is as small as the time allows.

    Parameters
    ----------
    sighting : Sighting
        What a batch saw.
    trials : Trials
        Runs programs, and knows how much time is left.
    repeats : int or None
        Rounds of a program; None is the default for its number of threads.
    """
    rounds = repeats or sighting.default_rounds
    is_slow = sighting.kind in _SLOW_KINDS
    first = 1 if is_slow else _FIRST_TRIALS
    shown, runs, last = trials.again(sighting.stored_program(), rounds, first)
    if last is None:
        return Shrunk(sighting, rounds, shown, runs, 0)
    small = _Shrinking(_merged(sighting, last), rounds, shown / runs, trials)
    small.make_smaller()
    small.lower_rounds()
    best = _with_places(small.sighting, trials, small.rounds)
    shown, runs, last = trials.again(
        best.stored_program(), small.rounds, 2 if is_slow else _LAST_TRIALS
    )
    best = best if last is None else _merged(best, last)
    return Shrunk(best, small.rounds, shown, runs, small.steps)


def _merged(old: Sighting, new: Sighting) -> Sighting:
    """Return the new sighting, with what only the old one knows."""
    return replace(
        new,
        places=new.places or old.places,
        python_stacks=new.python_stacks or old.python_stacks,
        allocator=old.allocator,
        programs=old.programs,
        also=old.also,
    )


class _Shrinking:
    def __init__(
        self, sighting: Sighting, rounds: int, rate: float, trials: Trials
    ) -> None:
        self.sighting = sighting
        self.rounds = rounds
        self.steps = 0
        self._trials = trials
        self._until_left = (1 - _SHARE) * trials.seconds_left
        # Enough trials for a program with the same rate to fail all of them rarely.
        needed = 1 if rate >= 1 else math.ceil(math.log(_MISS) / math.log1p(-rate))
        self._tries = min(_MOST_TRIALS, needed)

    @property
    def _is_time(self) -> bool:
        return self._trials.seconds_left > self._until_left

    def make_smaller(self) -> None:
        """Take the first candidate that shows the finding, as often as there is one."""
        known: set[str] = set()
        while self._is_time:
            candidates = [
                one
                for one in self._trials.smaller(self.sighting.stored_program())
                if (text := json.dumps(one, sort_keys=True)) not in known
                and not known.add(text)  # type: ignore[func-returns-value]
            ]
            found = self._first_that_shows(candidates)
            if found is None:
                return
            self.sighting = _merged(self.sighting, found)
            self.steps += 1

    def _first_that_shows(self, candidates: list[dict[str, Any]]) -> Sighting | None:
        rest = [one for one in candidates for _ in range(self._tries)]
        while rest and self._is_time:
            result = self._trials.first_of(rest, self.rounds, seconds_each=0.5)
            if result.sighting is not None:
                return result.sighting
            # A child also ends with a finding of another kind: go on behind it.
            rest = rest[max(1, result.tried) :]
        return None

    def lower_rounds(self) -> None:
        """Find the fewest rounds, of a few numbers, that show the finding as often."""
        program = self.sighting.stored_program()
        for rounds in _ROUNDS:
            if rounds >= self.rounds or not self._is_time:
                return
            shown, runs, last = self._trials.again(program, rounds, self._tries + 1)
            if last is not None and shown == runs:
                self.rounds = rounds
                return


def _with_places(sighting: Sighting, trials: Trials, rounds: int) -> Sighting:
    """Run the program with traps, which know the instruction of a wrong access."""
    if sighting.kind in _SLOW_KINDS:
        return sighting
    program = sighting.stored_program()
    for number in range(_TRAP_TRIALS):
        if sighting.places or (number and trials.seconds_left <= 0):
            break
        places = trials.first_of([program], rounds, traps=True).places
        if places:
            return replace(sighting, places=places)
    return sighting
