"""A bounded search that runs one of several schedules with the same dependent steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from refrace.hunting.schedules.search import Plan, Schedule

__all__ = ["Choice", "Reduced", "Situation"]

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
        choices = [Choice._make(values) for values in possible]
        self.note_conflicts(choice.where for choice in choices if choice.conflicts)
        first = plan.schedule[-1][0] + 1 if plan.schedule else 0
        self.leave(plan, choices[first:])

    def leave(self, plan: Plan, choices: Iterable[Choice]) -> None:
        """Add the schedules that leave one at a choice after its last decision."""
        made: set[Situation] = set()
        for choice in choices:
            # What else could be chosen may be free here, and a preemption elsewhere.
            self._branch(plan.schedule, choice)
            if self.is_known(choice, made):
                break  # from here on, this run is like one that has been
        for situation in made:
            level = self._known.get(situation, self._level)
            self._known[situation] = min(level, self._level)

    def note_conflicts(self, instructions: Iterable[int]) -> None:
        """From now on, threads are preempted at these instructions too."""
        for where in instructions:
            if where not in self._conflicting:
                self._conflicting.add(where)
                for item in self._deferred.pop(where, ()):
                    self._add(item)

    def is_known(self, choice: Choice, made: set[Situation]) -> bool:
        """Return whether the situation after a choice has been before this run.

        Parameters
        ----------
        choice : Choice
            After the last decision of the plan that `next` returned last.
        made : set of (int, int)
            New situations of this run so far; this one is added.
        """
        if not choice.order:
            return False
        situation = (choice.order, choice.chosen)
        if situation != self._situation and situation not in made:
            known = self._known.get(situation)
            if known is not None and known <= self._level:
                return True
        made.add(situation)
        return False

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
