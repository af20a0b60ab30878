"""A bounded search that tries schedules only once that differ in what commutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from refrace.hunting.schedules.search import Plan, Schedule

__all__ = ["Choice", "Reduced"]

Situation = tuple[int, int]
"""What has happened, up to the order of independent steps; and who goes on."""


class Choice(NamedTuple):
    """A point of a run at which more than one thread could go on.

    Attributes
    ----------
    number : int
        Its number in the run.
    could_go_on : bool
        Whether the thread that came here could go on.
    current : int
        That thread.
    able : int
        A bit mask of the threads that could go on.
    chosen : int
        The one that did.
    order : int
        What had happened, up to the order of independent steps; 0 if that is unknown.
    where : int
        The instruction, the same in all runs.
    conflicts : bool
        Whether the step there touches, in this run, what another thread touches or,
        in a call, may touch, and no lock orders the two; or whether that is not known.
    """

    number: int
    could_go_on: bool
    current: int
    able: int
    chosen: int
    order: int
    where: int
    conflicts: bool


class _Waiting(NamedTuple):
    level: int
    schedule: Schedule
    situation: Situation


@dataclass
class Reduced:
    """Schedules with at most so many preemptions, without those that change nothing.

    Two rules leave schedules out; both keep every result that some schedule within the
    bound has, as far as threads share memory that the hooks see.

    A situation, and who goes on in it, is tried once, with the fewest preemptions that
    reach it: what follows does not depend on the order of independent steps before it
    (M. Musuvathi and S. Qadeer, *Partial-order reduction for context-bounded state
    exploration*, MSR-TR-2007-12).

    A thread is preempted at an instruction only once some run has shown that its order
    with a step of another thread is open: it takes a lock, calls, or races.  Otherwise
    the preemption can as well happen after it.

    Parameters
    ----------
    preemptions : int
        The bound.
    """

    preemptions: int
    _known: dict[Situation, int] = field(default_factory=dict)
    _conflicting: set[int] = field(default_factory=set)
    _deferred: dict[int, list[_Waiting]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _levels: list[list[_Waiting]] = field(default_factory=list)
    _level: int = 0
    _situation: Situation = (0, 0)

    def __post_init__(self) -> None:
        self._levels = [[] for _ in range(self.preemptions + 1)]
        self._levels[0].append(_Waiting(0, (), (0, 0)))

    @property
    def is_complete(self) -> bool:
        """Whether every schedule within the bound has run, or is like one that has."""
        return not any(self._levels)

    def next(self) -> Plan | None:
        """Return the next schedule; None if all within the bound have run."""
        for level, waiting in enumerate(self._levels):
            while waiting:
                item = waiting.pop()
                # It may have been reached with fewer preemptions meanwhile.
                if self._known.get(item.situation, level) >= level:
                    self._level, self._situation = level, item.situation
                    return Plan(schedule=item.schedule)
        return None

    def learn(self, plan: Plan, possible: Sequence[Any], n: int) -> None:
        """Learn all choices of a run; new are those after its last decision.

        The steps before it have happened before, but what they conflict with may not.
        """
        first = plan.schedule[-1][0] + 1 if plan.schedule else 0
        made: dict[Situation, int] = {}
        for values in possible:
            choice = Choice._make(values)
            if choice.conflicts and choice.where not in self._conflicting:
                self._conflicting.add(choice.where)
                for item in self._deferred.pop(choice.where, ()):
                    self._add(item)
        for values in possible[first:]:
            choice = Choice._make(values)
            situation = (choice.order, choice.chosen)
            if choice.order:
                is_new = situation == self._situation or situation in made
                known = self._known.get(situation, self._level + 1)
                if not is_new and known <= self._level:
                    break  # from here on, this run is like one that has been
                made[situation] = self._level
            self._branch(plan.schedule, choice)
        for situation, level in made.items():
            self._known[situation] = min(level, self._known.get(situation, level))

    def _branch(self, schedule: Schedule, choice: Choice) -> None:
        for runner in range(choice.able.bit_length()):
            if not choice.able >> runner & 1 or runner == choice.chosen:
                continue
            preempts = choice.could_go_on and runner != choice.current
            item = _Waiting(
                self._level + preempts,
                (*schedule, (choice.number, runner)),
                (choice.order, runner),
            )
            if item.level > self.preemptions:
                continue
            if preempts and choice.where not in self._conflicting and choice.order:
                self._deferred[choice.where].append(item)
            else:
                self._add(item)

    def _add(self, item: _Waiting) -> None:
        order, _ = item.situation
        if order:
            if self._known.get(item.situation, item.level + 1) <= item.level:
                return
            self._known[item.situation] = item.level
        self._levels[item.level].append(item)
