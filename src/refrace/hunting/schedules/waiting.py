"""Who can have a lock, a semaphore or a signal, in a model of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from refrace.hunting.schedules.recorded import (
    COUNTS,
    SHARES,
    SIGNAL,
    TAKES,
    WAITS,
    WAKES_ALL,
    Event,
    Place,
    Unforeseeable,
)

__all__ = ["Waiting"]

_READERS = -1
"""Holds a lock that threads share."""


@dataclass
class Waiting:
    """What threads have, and which signals nobody has taken.

    Parameters
    ----------
    units : mapping of Place to int
        The numbers that semaphores begin with.
    """

    units: Mapping[Place, int] = field(default_factory=dict)
    _held: dict[Place, tuple[int, int]] = field(default_factory=dict)
    _left: dict[Place, int] = field(default_factory=dict)
    _waits: dict[int, tuple[Place, int]] = field(default_factory=dict)
    _woken: set[int] = field(default_factory=set)
    _signals: list[tuple[Place, int]] = field(default_factory=list)
    _time: int = 0

    def __post_init__(self) -> None:
        self._left = dict(self.units)

    def can_have(self, thread: int, wanted: Event) -> bool:
        """Return whether a thread can have what it waits for at a point."""
        lock = wanted.lock
        if lock is None:
            return True
        if wanted.way == COUNTS:
            return self._number(lock) > 0
        if wanted.way == SIGNAL:
            return thread in self._woken or self._signal_for(thread) is not None
        if lock not in self._held:
            return True
        holder, _ = self._held[lock]
        if holder == thread:
            raise Unforeseeable  # it depends on the kind of lock
        return wanted.way == SHARES and holder == _READERS

    def happens(self, thread: int, event: Event) -> None:
        """Note that a thread takes something, gives it up, waits or gives a signal."""
        if event.way == SIGNAL:
            self._signalled(thread, event)
        elif event.way == COUNTS:
            more = -1 if event.kind == TAKES else 1
            self._left[event.lock] = self._number(event.lock) + more
        elif event.kind == TAKES:
            self._take(_READERS if event.way == SHARES else thread, event.lock)
        else:
            self._leave(event.lock)

    def _number(self, semaphore: Place | None) -> int:
        if semaphore not in self._left:
            raise Unforeseeable
        return self._left[semaphore]

    def _take(self, thread: int, lock: Place | None) -> None:
        holder, times = self._held.get(lock, (thread, 0))
        if holder != thread:
            raise Unforeseeable
        self._held[lock] = (thread, times + 1)

    def _leave(self, lock: Place | None) -> None:
        if lock not in self._held:
            raise Unforeseeable
        holder, times = self._held.pop(lock)
        if times > 1:
            self._held[lock] = (holder, times - 1)

    # ------------------------------------------------------------------ signals

    def _signal_for(self, thread: int) -> tuple[Place, int] | None:
        """Return the oldest signal since the wait of a thread began."""
        if thread not in self._waits:
            raise Unforeseeable
        condition, since = self._waits[thread]
        for one in self._signals:
            if one[0] == condition and one[1] > since:
                return one
        return None

    def _signalled(self, thread: int, event: Event) -> None:
        condition = event.lock
        if event.kind == WAITS:
            self._waits[thread] = (condition, self._time)
        elif event.kind == TAKES:
            if thread in self._woken:
                self._woken.remove(thread)
            elif (one := self._signal_for(thread)) is not None:
                self._signals.remove(one)
            del self._waits[thread]
        elif event.kind == WAKES_ALL:
            self._woken |= {t for t, (c, _) in self._waits.items() if c == condition}
            self._signals = [one for one in self._signals if one[0] != condition]
        else:
            self._wake_one(condition)

    def _wake_one(self, condition: Place | None) -> None:
        """Give a signal, which is lost if there is one for each waiter already."""
        waiting = [
            thread
            for thread, (other, _) in self._waits.items()
            if other == condition and thread not in self._woken
        ]
        given = [one for one in self._signals if one[0] == condition]
        if len(waiting) > len(given):
            self._time += 1
            self._signals.append((condition, self._time))
