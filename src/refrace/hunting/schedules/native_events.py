"""What a run of native code did, with names for the memory that it touched.

Addresses differ between runs.  A place in a block of memory has the name of the block
and its offset there.  A block from before the run has a number; another one has the
thread that made it, and the number of its step.  Other memory, of modules and of the
interpreter, stays where it is.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Hashable, Sequence

from refrace._native import schedule as native
from refrace.hunting.schedules.recorded import (
    ALONE,
    ANYTHING,
    CHOICE,
    COUNTS,
    END,
    LEAVES,
    OWNS,
    POINT,
    QUIET,
    SHARES,
    SIGNAL,
    TAKES,
    TOUCH,
    WAITS,
    WAKES_ALL,
    WAKES_ONE,
    Event,
    Place,
    Recorded,
)

__all__ = ["recorded_of"]

GIL: Place = "GIL"
_GRANULE_BITS = 3
_POINT_BITS = 4

NativeEvent = tuple[int, int, int, int, int, int, int, int, int, int, int]


def recorded_of(
    events: Sequence[NativeEvent] | None, threads: int, has_gil: bool
) -> Recorded | None:
    """Return what a run did, of the events of the runtime; None of None.

    Parameters
    ----------
    events : sequence of tuple or None
        As ``native.events`` returns them.
    threads : int
    has_gil : bool
    """
    return None if events is None else _Names(threads).recorded(events, has_gil)


class _Names:
    """The names of memory in one run."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._bases: list[int] = []
        self._blocks: dict[int, tuple[Hashable, int]] = {}
        self._sizes: list[int] = []
        self._steps = [0] * threads
        self._made: Counter[Hashable] = Counter()
        self._units: dict[Place, int] = {}
        self._left: dict[Place, int] = {}

    def recorded(self, events: Sequence[NativeEvent], has_gil: bool) -> Recorded | None:
        """Return what a run did; None if what else uses its semaphores is no event."""
        found: list[tuple[int, Event]] = []
        conflicting: set[int] = set()
        semaphores: set[Place | None] = set()
        for one in events:
            kind, runner, _, flags, _, where, address, _, _, size, _ = one
            if kind == native.EVENT_BLOCK:
                self._begin(runner, address, size)
                continue
            if kind == native.EVENT_POINT and flags & native.CONFLICTS:
                conflicting.add(where)
            event = self._event(one)
            if event.kind > CHOICE:
                self._steps[runner] += 1
            if not self._follows(event, size):
                return None
            if event.kind == POINT and event.way == COUNTS:
                semaphores.add(event.lock)
            found.append((runner, event))
        for semaphore in semaphores - self._units.keys():
            self._units[semaphore] = 0  # every wait for it was in vain
        return Recorded(
            self._threads,
            found,
            conflicting,
            GIL if has_gil else None,
            self._units,
            hash(tuple(self._sizes)),
        )

    def _begin(self, runner: int, base: int, size: int) -> None:
        name: Hashable
        if runner >= self._threads:
            name = len(self._sizes)
            self._sizes.append(size)
        else:
            made = (runner, self._steps[runner], size)
            self._made[made] += 1
            name = (*made, self._made[made])
        if base not in self._blocks:
            insort(self._bases, base)
        self._blocks[base] = (name, size)

    def _place(self, address: int) -> Place:
        at = bisect_right(self._bases, address) - 1
        if at >= 0:
            base = self._bases[at]
            name, size = self._blocks[base]
            if address < base + size:
                return name, (address >> _GRANULE_BITS) - (base >> _GRANULE_BITS)
        return address >> _GRANULE_BITS

    def _places(self, address: int, size: int) -> tuple[Place, ...]:
        granule = 1 << _GRANULE_BITS
        first = address & -granule
        return tuple(
            self._place(max(at, address))
            for at in range(first, address + max(size, 1), granule)
        )

    def _lock(self, address: int) -> Place | None:
        if address == 0:
            return None
        return GIL if address == native.GIL_ADDRESS else ("lock", self._place(address))

    def _follows(self, event: Event, left: int) -> bool:
        """Note what a semaphore has left; return False if others changed it too."""
        if event.way != COUNTS or event.kind not in (TAKES, LEAVES):
            return True
        before = left + 1 if event.kind == TAKES else left - 1
        begins = self._left.setdefault(event.lock, before)
        self._units.setdefault(event.lock, begins)
        self._left[event.lock] = left
        return begins == before

    def _event(self, one: NativeEvent) -> Event:
        kind, _, point, flags, chosen, where, address, other, wants, size, way = one
        if kind == native.EVENT_CHOICE:
            return Event(CHOICE, able=size, chosen=chosen)
        if kind == native.EVENT_POINT:
            has_limit = flags & native.HAS_LIMIT != 0
            wanted = self._lock(wants)
            return Event(POINT, where, wanted, way=_WAYS[way], has_limit=has_limit)
        if kind in _OF_LOCKS:
            return Event(_OF_LOCKS[kind], 0, self._lock(address), way=_WAYS[way])
        if kind == native.EVENT_END:
            return Event(END)
        where = where << _POINT_BITS | point
        if kind == native.EVENT_TOUCH:
            touched = self._places(address, size)
            read = self._places(other, size) if other else ()
            if flags & native.WRITES:
                return Event(TOUCH, where, reads=read, writes=touched)
            return Event(TOUCH, where, reads=touched)
        if kind == native.EVENT_LOCKS:
            locks = self._places(address, 0) + (self._places(other, 0) if other else ())
            if flags & native.WRITES:
                return Event(TOUCH, where, writes=locks)
            return Event(TOUCH, where, reads=locks)
        if kind == native.EVENT_TURN:
            return Event(TOUCH, where, writes=(GIL,))
        return Event(_STEPS[kind], where)


_OF_LOCKS = {
    native.EVENT_TAKES: TAKES,
    native.EVENT_LEAVES: LEAVES,
    native.EVENT_WAITS: WAITS,
    native.EVENT_WAKES_ONE: WAKES_ONE,
    native.EVENT_WAKES_ALL: WAKES_ALL,
}
_WAYS = {
    native.WAY_OWNS: OWNS,
    native.WAY_SHARES: SHARES,
    native.WAY_COUNTS: COUNTS,
    native.WAY_SIGNAL: SIGNAL,
}
_STEPS = {
    native.EVENT_QUIET: QUIET,
    native.EVENT_ALONE: ALONE,
    native.EVENT_ANYTHING: ANYTHING,
}
