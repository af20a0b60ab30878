"""Which schedule to try next: bounded, random, or by random priorities.

A schedule is a sequence of decisions (choice, runner), in the order of the choices.  At
every other choice the running thread continues, or else the lowest that can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, Protocol

from refrace._native import schedule as native

__all__ = [
    "Alternative",
    "Bounded",
    "Pct",
    "Plan",
    "RandomWalk",
    "Schedule",
    "Search",
    "Strategy",
]

Strategy = Literal["bounded", "random", "pct"]
Decision = tuple[int, int]
Schedule = tuple[Decision, ...]
Alternative = tuple[int, int, bool]
"""A choice, the runner that could have been chosen, and whether that preempts."""


@dataclass(frozen=True)
class Plan:
    """How to run one schedule.

    Attributes
    ----------
    strategy : int
        ``FOLLOW``, ``RANDOM`` or ``PCT`` of the runtime.
    schedule : tuple of (int, int)
        The decisions to follow.
    seed : int
        Of the other two strategies.
    probability : float
        Of a preemption at each choice, 0 to 1; random only.
    changes, horizon : int
        How many priorities change, among how many choices; PCT only.
    """

    strategy: int = native.FOLLOW
    schedule: Schedule = ()
    seed: int = 0
    probability: float = 0.1
    changes: int = 0
    horizon: int = 1


class Search(Protocol):
    """Yields plans and learns what was possible in them."""

    @property
    def is_complete(self) -> bool:
        """Whether every schedule within the bound has run."""

    def next(self) -> Plan | None:
        """Return the next plan; None if there is no other schedule."""

    def learn(self, plan: Plan, possible: Sequence[Any], n: int) -> None:
        """Learn what was possible from the last decision of a plan on; `n` choices."""


@dataclass
class Bounded:
    """Every schedule with at most so many preemptions, fewest first.

    After M. Musuvathi and S. Qadeer, *Iterative context bounding for systematic testing
    of multithreaded programs*, PLDI 2007.

    Parameters
    ----------
    preemptions : int
        The bound.
    """

    preemptions: int
    _level: int = 0
    _stack: list[Schedule] = field(default_factory=lambda: [()])
    _next_level: list[Schedule] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every schedule within the bound has run."""
        return not self._stack and not self._next_level

    @property
    def level(self) -> int:
        """The number of preemptions that is being tried."""
        return self._level

    def next(self) -> Plan | None:
        """Return the next schedule; None if all within the bound have run."""
        if not self._stack:
            if not self._next_level or self._level >= self.preemptions:
                self._next_level.clear()
                return None
            self._level += 1
            self._stack, self._next_level = self._next_level, []
        return Plan(schedule=self._stack.pop())

    def learn(self, plan: Plan, alternatives: Sequence[Alternative], n: int) -> None:
        """Add the schedules that leave this one at a later choice."""
        for choice, runner, preempts in alternatives:
            schedule = (*plan.schedule, (choice, runner))
            if not preempts:
                self._stack.append(schedule)
            elif self._level < self.preemptions:
                self._next_level.append(schedule)


@dataclass
class RandomWalk:
    """Schedules that preempt at each point with the same probability."""

    seed: int
    probability: float = 0.1
    is_complete: bool = False
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def next(self) -> Plan | None:
        """Return a plan with a seed of its own."""
        return Plan(
            native.RANDOM,
            seed=self._random.getrandbits(63),
            probability=self.probability,
        )

    def learn(self, plan: Plan, possible: Sequence[Any], n: int) -> None:
        """Learn nothing: every plan is independent."""


@dataclass
class Pct:
    """Random priorities that change at a few random choices.

    After S. Burckhardt et al., *A randomized scheduler with probabilistic guarantees of
    finding bugs*, ASPLOS 2010: a bug that needs d ordering constraints is found with a
    probability of at least 1/(n k^(d-1)) a run, n threads, k choices.
    """

    seed: int
    depth: int = 3
    is_complete: bool = False
    _horizon: int = 1
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def next(self) -> Plan | None:
        """Return a plan with a seed of its own."""
        return Plan(
            native.PCT,
            seed=self._random.getrandbits(63),
            changes=self.depth - 1,
            horizon=self._horizon,
        )

    def learn(self, plan: Plan, possible: Sequence[Any], n: int) -> None:
        """Learn how many choices a run has."""
        self._horizon = max(self._horizon, n)
