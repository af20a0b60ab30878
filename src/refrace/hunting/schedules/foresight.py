"""A model of a program, made of its runs, that predicts what other schedules would do.

What a thread does next depends only on its steps so far and on what they read.  Both
make a number, as in ``cext/cpython/schedule/order.c``.  The model knows what comes next
for each such number that some run has reached.  From that it puts together schedules
that have not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from refrace.hunting.schedules.recorded import (
    ANYTHING,
    CHOICE,
    END,
    POINT,
    QUIET,
    Event,
    Place,
    Recorded,
    Unforeseeable,
)
from refrace.hunting.schedules.reduced import Choice
from refrace.hunting.schedules.search import Schedule
from refrace.hunting.schedules.waiting import Waiting

__all__ = ["Foreseen", "Model"]

_MASK = (1 << 64) - 1
NOBODY = 8
"""The current thread of a choice where there is none."""


_NOTHING = Event(POINT)
"""That no thread waits for."""


class Foreseen(NamedTuple):
    """What a schedule would do.

    Attributes
    ----------
    choices : list of Choice
        Its choices after the last decision; the conflicts of each are left out.
    order : int or None
        All that happens, up to the order of independent steps; None if the prediction
        stopped early.
    """

    choices: list[Choice]
    order: int | None


@dataclass
class _State:
    """What has happened so far."""

    threads: int
    wants: list[Event]
    waiting: Waiting
    last: list[int] = field(default_factory=list)
    since: list[int] = field(default_factory=list)  # events since its last step
    ended: list[bool] = field(default_factory=list)
    written: dict[Place, int] = field(default_factory=dict)
    read: dict[Place, int] = field(default_factory=dict)
    barrier: int = 0
    total: int = 1
    quiet: int = 0

    def __post_init__(self) -> None:
        self.last = [thread + 1 for thread in range(self.threads)]
        self.since = [0] * self.threads
        self.ended = [False] * self.threads

    @property
    def situation(self) -> int:
        """What has happened, up to the order of independent steps; never 0."""
        return hash((self.total, *self.since)) or 1

    def able(self) -> int:
        """Return a bit mask of the threads that could go on."""
        mask = late = 0
        for thread, wants in enumerate(self.wants):
            if not self.ended[thread]:
                mask |= self.waiting.can_have(thread, wants) << thread
                late |= wants.has_limit << thread
        return mask or late

    def happens(self, thread: int, event: Event) -> None:
        """Note an event, which is no choice."""
        kind = event.kind
        if kind > CHOICE:
            self._step(thread, event)
            return
        self.since[thread] += 1
        if kind == POINT:
            self.wants[thread] = event
        elif kind == END:
            self.ended[thread] = True
        else:
            self.waiting.happens(thread, event)

    def _step(self, thread: int, event: Event) -> None:
        kind, written, read = event.kind, self.written, self.read
        number = hash((self.last[thread], event.where, kind))
        if kind == QUIET:
            self.quiet += number
        elif kind == ANYTHING:
            number = hash((number, self.barrier, (self.total - self.quiet) & _MASK))
            self.barrier = number
        else:
            parts = [number, self.barrier]
            for place in event.reads:
                parts.append(written.get(place, 0))
            for place in event.writes:
                parts += (written.get(place, 0), read.get(place, 0))
            number = hash(tuple(parts))
            for place in event.reads:
                read[place] = (read.get(place, 0) + number) & _MASK
            for place in event.writes:
                written[place] = number
                read.pop(place, None)
        self.last[thread] = number
        self.since[thread] = 0
        self.total = (self.total + number) & _MASK


@dataclass
class Model:
    """What each thread does next, by what it has done and read.

    Parameters
    ----------
    threads : int
    first : Place or None
        The lock that every thread waits for before it begins.
    """

    threads: int
    first: Place | None = None
    _units: dict[Place, int] = field(default_factory=dict)
    _next: dict[tuple[int, int], tuple[Event, ...]] = field(default_factory=dict)

    def _begin(self) -> _State:
        begins = Event(POINT, lock=self.first)
        return _State(self.threads, [begins] * self.threads, Waiting(self._units))

    # ----------------------------------------------------------------- learning

    def learn(self, run: Recorded) -> Foreseen:
        """Learn from a run; return what it did.

        Raises
        ------
        Unforeseeable
            If it contradicts the model: it depends on something that is no event.
        """
        for semaphore, number in run.units.items():
            if self._units.setdefault(semaphore, number) != number:
                raise Unforeseeable
        state = self._begin()
        since: list[list[Event]] = [[] for _ in range(self.threads)]
        choices: list[Choice] = []
        current, where, turn = None, 0, None
        for thread, event in run.events:
            if turn is None:
                able = state.able()
                is_choice = event.kind == CHOICE
                if is_choice != (able & (able - 1) != 0) or able == 0:
                    raise Unforeseeable
                turn = able.bit_length() - 1
                if is_choice:
                    turn = event.chosen
                    if event.able != able:
                        raise Unforeseeable
                    choices.append(
                        _choice(state, len(choices), current, able, where, turn)
                    )
                state.wants[turn] = _NOTHING
                if is_choice:
                    continue
            if thread != turn or event.kind == CHOICE:
                raise Unforeseeable
            since[thread].append(event)
            if event.kind > CHOICE or event.kind == END:
                self._keep(thread, state.last[thread], tuple(since[thread]))
                since[thread] = []
            state.happens(thread, event)
            if event.kind in (POINT, END):
                current = thread if event.kind == POINT else None
                where, turn = event.where, None
        if not all(state.ended):
            raise Unforeseeable
        return Foreseen(choices, state.total)

    def _keep(self, thread: int, number: int, events: tuple[Event, ...]) -> None:
        if self._next.setdefault((thread, number), events) != events:
            raise Unforeseeable

    # --------------------------------------------------------------- foreseeing

    def foresee(
        self, schedule: Schedule, ends: Callable[[Choice], bool]
    ) -> Foreseen | None:
        """Return what a schedule would do; None if that is not known.

        Parameters
        ----------
        schedule : tuple of (int, int)
        ends : callable
            Asked for each choice after the last decision; True ends the prediction.
        """
        try:
            return self._foresee(schedule, ends)
        except Unforeseeable:
            return None

    def _foresee(self, schedule: Schedule, ends: Callable[[Choice], bool]) -> Foreseen:
        state, decisions, number = self._begin(), dict(schedule), -1
        choices: list[Choice] = []
        todo: list[Iterator[Event]] = [iter(()) for _ in range(self.threads)]
        current, where = None, 0
        while not all(state.ended):
            able = state.able()
            if able == 0:
                raise Unforeseeable  # a deadlock must be seen, not foreseen
            turn = able.bit_length() - 1
            if able & (able - 1):
                number += 1
                turn = (able & -able).bit_length() - 1
                if current is not None and able >> current & 1:
                    turn = current
                if decisions:
                    turn = decisions.pop(number, turn)
                else:
                    choice = _choice(state, number, current, able, where, turn)
                    choices.append(choice)
                    if ends(choice):
                        return Foreseen(choices, None)
                if not able >> turn & 1:
                    raise Unforeseeable
            state.wants[turn] = _NOTHING
            event = self._go_on(state, turn, todo)
            current = turn if event.kind == POINT else None
            where = event.where
        if decisions:
            raise Unforeseeable
        return Foreseen(choices, state.total)

    def _go_on(self, state: _State, thread: int, todo: list[Iterator[Event]]) -> Event:
        """Let a thread go on until it arrives at a point, or ends."""
        while True:
            event = next(todo[thread], None)
            if event is None:
                events = self._next.get((thread, state.last[thread]))
                if events is None:
                    raise Unforeseeable
                todo[thread] = iter(events)
                continue
            state.happens(thread, event)
            if event.kind in (POINT, END):
                return event


def _choice(
    state: _State, number: int, current: int | None, able: int, where: int, chosen: int
) -> Choice:
    goes_on = current is not None and bool(able >> current & 1)
    shown = NOBODY if current is None else current
    order = state.situation
    return Choice(number, goes_on, shown, able, chosen, order, where, False)
