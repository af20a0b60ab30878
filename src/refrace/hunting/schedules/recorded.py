"""What a run did, as far as its schedule and its result depend on it.

A search foresees other schedules from this (`foresight`).  It comes from native code
(`native_events`), or from any program whose steps say what they touch.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "ALONE",
    "ANYTHING",
    "CHOICE",
    "COUNTS",
    "END",
    "LEAVES",
    "OWNS",
    "POINT",
    "QUIET",
    "SHARES",
    "SIGNAL",
    "TAKES",
    "TOUCH",
    "WAITS",
    "WAKES_ALL",
    "WAKES_ONE",
    "Event",
    "Place",
    "Recorded",
    "Unforeseeable",
]

Place = Hashable
"""A piece of memory, or a lock; the same one has the same name in all runs."""

# A thread waits for its turn; a lock changes hands, or a signal is taken; a wait for a
# signal begins; a signal is given, to one or to all; a thread ends; one of several
# threads was chosen to go on.
POINT, TAKES, LEAVES, WAITS, WAKES_ONE, WAKES_ALL, END, CHOICE = range(8)
# Steps.  They touch known places; nothing that is shared, so that no call matters to
# them; nothing, but calls matter; and it is not known what.
TOUCH, QUIET, ALONE, ANYTHING = range(8, 12)
# Who can have what is waited for: one thread, several times; all that share it; as many
# as a number says; who waits for a signal.
OWNS, SHARES, COUNTS, SIGNAL = range(4)


class Unforeseeable(Exception):
    """A run contradicts the model, or the model does not know what comes next."""


class Event(NamedTuple):
    """Something that a thread did.

    Attributes
    ----------
    kind : int
        One of the constants of this module.
    where : int
        The instruction, the same in all runs.
    lock : Place or None
        What is waited for at a point, taken, or given up; of a signal, its condition.
    reads, writes : tuple of Place
        What a step touches, if that is known.  A step that takes or gives up a lock
        writes the lock, or reads it if it commutes with others that do the same.
    able, chosen : int
        Of a choice: a bit mask of the threads that could go on, and the one that did.
    way : int
        Who can have the lock: ``OWNS``, ``SHARES``, ``COUNTS`` or ``SIGNAL``.
    has_limit : bool
        Whether a wait at a point ends too where no thread could go on.
    """

    kind: int
    where: int = 0
    lock: Place | None = None
    reads: tuple[Place, ...] = ()
    writes: tuple[Place, ...] = ()
    able: int = 0
    chosen: int = 0
    way: int = OWNS
    has_limit: bool = False


@dataclass(frozen=True)
class Recorded:
    """All that a run did, in the order in which it happened.

    Attributes
    ----------
    threads : int
        The number of threads.
    events : list of (int, Event)
        The thread of each, and what it did.  That of a choice does not matter.
    conflicting : set of int
        Instructions at which some step may not commute with one of another thread.
    first : Place or None
        The lock that every thread waits for before it begins.
    units : dict of Place to int
        The numbers that semaphores begin with.
    memory : Hashable
        Tells apart the memories that runs began with.  Names of places mean the same
        only where this is the same.
    """

    threads: int
    events: list[tuple[int, Event]]
    conflicting: set[int] = field(default_factory=set)
    first: Place | None = None
    units: dict[Place, int] = field(default_factory=dict)
    memory: Hashable = None
