"""A reduced search that does not run schedules whose result it can predict."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from refrace.hunting.schedules.foresight import Model
from refrace.hunting.schedules.recorded import Recorded, Unforeseeable
from refrace.hunting.schedules.reduced import Choice, Reduced, Situation
from refrace.hunting.schedules.search import Plan

__all__ = ["Foreseeing"]

LONGEST_S = 0.25
"""Processor time between two runs at most: a watcher of the process waits for a run."""


@dataclass
class Foreseeing:
    """The schedules of `Reduced`, without those whose result other runs tell.

    Two schedules with the same order of all steps that do not commute give the same
    result.  `Reduced` still tries many of them, since it looks for the next conflict
    from every place where a thread can be preempted.  Here a model, made of the runs so
    far (`foresight.Model`), predicts how a schedule would go.  If it would end like an
    earlier run, the schedule is not run: the search learns its choices from the model.
    Everything else runs: what the model does not know, and what it predicts to be a
    deadlock.

    The earlier run has at most as many preemptions, also where a conflict is noted
    late.  A schedule waits for a conflict only at a step that no run so far has shown
    to conflict.  The thread can be preempted at its next step that does, or ends, or
    waits: that takes no more preemptions, and the run shows the conflict if there is
    one.  So a conflict is noted before a schedule with more preemptions runs.

    Each run is compared with the model.  If it did anything else, or did what the model
    does not follow, then the search begins again without a model, as `Reduced`.

    Parameters
    ----------
    preemptions : int
        The bound.

    Attributes
    ----------
    until : float
        When `next` stops predicting, on the clock of `time.perf_counter`.
    foreseen : int
        The number of schedules that did not run.
    """

    preemptions: int
    until: float = math.inf
    foreseen: int = 0
    _inner: Reduced = field(init=False)
    _models: dict[Hashable, Model] | None = field(default_factory=dict)
    _model: Model | None = None
    _orders: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._inner = Reduced(self.preemptions)

    @property
    def is_complete(self) -> bool:
        """Whether every schedule within the bound has run, or is like one that ran."""
        return self._inner.is_complete

    @property
    def is_foreseeing(self) -> bool:
        """Whether `learn` takes a `Recorded` run, and not choices."""
        return self._models is not None

    def next(self) -> Plan | None:
        """Return the next schedule to run; None if all within the bound are known."""
        began = time.thread_time()
        while (plan := self._inner.next()) is not None:
            if time.thread_time() > began + LONGEST_S:
                return plan
            choices = self._foreseen_choices(plan)
            if choices is None:
                return plan
            self.foreseen += 1
            self._inner.leave(plan, choices)
        return None

    def _foreseen_choices(self, plan: Plan) -> list[Choice] | None:
        """Return the choices of a schedule that need not run; None if it must."""
        if self._model is None or time.perf_counter() > self.until:
            return None
        made: set[Situation] = set()
        seen = self._model.foresee(
            plan.schedule, lambda choice: self._inner.is_known(choice, made)
        )
        if seen is None or (seen.order is not None and seen.order not in self._orders):
            return None
        return seen.choices

    def learn(
        self, plan: Plan, possible: Recorded | Sequence[Any] | None, n: int
    ) -> None:
        """Learn from a run.

        Parameters
        ----------
        plan : Plan
        possible : Recorded, None or sequence of Choice
            While the search foresees, what the run did; None if that is not known.
            Later the choices.
        n : int
            The number of choices.
        """
        if self._models is None:
            assert possible is not None
            assert not isinstance(possible, Recorded)
            self._inner.learn(plan, possible, n)
            return
        try:
            self._learn(plan, possible)
        except Unforeseeable:
            self._models = self._model = None
            self._inner = Reduced(self.preemptions)

    def _learn(self, plan: Plan, run: Any) -> None:
        if not isinstance(run, Recorded):
            raise Unforeseeable
        assert self._models is not None
        model = self._models.setdefault(run.memory, Model(run.threads, run.first))
        seen = model.learn(run)
        assert seen.order is not None
        self._model = model
        self._orders.add(seen.order)
        self._inner.note_conflicts(run.conflicting)
        self._inner.learn(plan, seen.choices, len(seen.choices))
