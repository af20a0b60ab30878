"""What is known about one canary at a quiet moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CanaryRecord", "State"]

State = Literal["live", "dying", "dead"]


@dataclass(frozen=True, slots=True)
class CanaryRecord:
    """The life of a canary so far; it is kept outside of the object.

    The counts are exact at a quiet moment: while no other thread counts, and, on a
    free-threaded build, after :func:`refrace.canaries.quiesce`.

    Attributes
    ----------
    number : int
        The number of the canary; :func:`refrace.canaries.reset` may reuse it.
    state : {"live", "dying", "dead"}
    expected : int
        References that the harness keeps with :func:`refrace.canaries.hold`.
    count : int
        The reference count of the object, as the interpreter stores it; a dead object
        has a large one, so that no later change of it can do harm.
    drift : int
        Of a live canary ``count - expected``; of a dead one the sum of all changes of
        its count since its death.
    deaths : int
        How often the interpreter deallocated the object; more than 1 is a double free.
    touches, dead_touches : int
        Slot calls, and those of them on the dying or dead object.
    first_dead_slot : str or None
        The slot of the first touch of the dead object; ``"argument"`` if it was passed
        to a slot of another canary.
    died_in_slot : bool
        It died while one of its slots was running: a caller had only a borrowed
        reference.
    died_detached : bool
        A thread without a thread state, which must not use reference counts, dropped
        the last reference.  CPython 3.14 and newer crash before this can be noted.
    died_while_held : bool
        It died although the harness kept a reference.
    traps : tuple of int
        Addresses of the instructions that touched the inaccessible page: the first one
        of each canary, and of threads that touched it at the same moment, at most 4.
    toucher, killer : int or None
        The threads, as ``threading.get_ident()``, of the first touch of the dead object
        (by a slot or a trap), and of the first death.
    touch_stack, death_stack : str
        The Python calls at the first slot touch of the dead object, and at a death that
        is a finding; one line for each frame, innermost first; "" if there is none.
    made_by : int or None
        The number of the canary whose slot made this one.
    born_in : str or None
        The slot that made this canary.
    """

    number: int
    state: State
    expected: int
    count: int
    drift: int
    deaths: int
    touches: int
    dead_touches: int
    first_dead_slot: str | None
    died_in_slot: bool
    died_detached: bool
    died_while_held: bool
    traps: tuple[int, ...]
    toucher: int | None
    killer: int | None
    touch_stack: str
    death_stack: str
    made_by: int | None
    born_in: str | None
