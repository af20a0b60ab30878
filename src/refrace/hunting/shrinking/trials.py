"""Run given programs in fresh children, and see whether a finding shows again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from refrace.hunting.describing.location import Place
from refrace.hunting.limits import CHILD_MEMORY
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.zygote_process import ZygoteProcess
from refrace.hunting.search.sighting import Sighting, sighting_of_end, sightings_of_run

__all__ = ["Trials", "Try"]

StoredProgram = dict[str, Any]


@dataclass(frozen=True)
class Try:
    """What one child that ran some programs showed.

    Attributes
    ----------
    tried : int
        Programs that were begun.
    sighting : Sighting or None
        The finding that was looked for, in the last of them.
    places : tuple of Place
        Instructions of wrong accesses, of findings of any kind: with traps, the first
        access to a dead object may be judged before the one that was looked for.
    """

    tried: int
    sighting: Sighting | None
    places: tuple[Place, ...] = ()


class Trials:
    """Trials of one finding until a time; each in a fresh child.

    Parameters
    ----------
    zygote : callable
        Returns a living zygote.
    kind : str
        The kind to look for.
    until : float
        End of all trials, as `time.monotonic` gives it.
    should_stop : callable
        Asked some twenty times a second.
    memory : int
        Limit of the memory of a child in bytes; 0 is none.
    """

    def __init__(
        self,
        zygote: Callable[[], ZygoteProcess],
        kind: str,
        until: float,
        should_stop: Callable[[], bool],
        memory: int = CHILD_MEMORY,
    ) -> None:
        self._zygote = zygote
        self._kind = kind
        self._until = until
        self._should_stop = should_stop
        self._memory = memory
        self.children = 0

    @property
    def seconds_left(self) -> float:
        """Time left in seconds; none after a stop."""
        return 0.0 if self._should_stop() else self._until - time.monotonic()

    def first_of(
        self,
        programs: Sequence[StoredProgram],
        rounds: int | None,
        *,
        traps: bool = False,
        seconds_each: float = 1.0,
    ) -> Try:
        """Run programs one after the other in a child, until the finding shows.

        The child ends at the first observation of any kind, or by itself.
        """
        found: list[Sighting] = []
        tried = 0

        def hear(message: dict[str, Any]) -> None:
            nonlocal tried
            if message["type"] == "program":
                tried += 1
            elif message["type"] == "run":
                found.extend(sightings_of_run(message))

        task = ChildTask(
            "run",
            programs=tuple(programs),
            rounds=rounds,
            seconds=max(0.05, self.seconds_left),
            seconds_each=seconds_each,
            traps=traps,
            memory=self._memory,
        )
        self.children += 1
        end = self._zygote().run(task, hear, self._should_stop)
        at_end = sighting_of_end(end)
        if at_end is not None:
            found.append(at_end)
        mine = [one for one in found if one.kind == self._kind]
        places = tuple(place for one in found for place in one.places)
        return Try(tried, mine[0] if mine else None, places)

    def again(
        self, program: StoredProgram, rounds: int | None, times: int
    ) -> tuple[int, int, Sighting | None]:
        """Run a program in up to `times` children.

        Returns
        -------
        tuple of (int, int, Sighting or None)
            How many showed the finding, how many there were, and what the last one
            that did showed.
        """
        shown = done = 0
        last = None
        while done < times and (done == 0 or self.seconds_left > 0):
            sighting = self.first_of([program], rounds).sighting
            done += 1
            if sighting is not None:
                shown += 1
                last = sighting
        return shown, done, last

    def smaller(self, program: StoredProgram) -> list[StoredProgram]:
        """Return the candidates that are smaller than a program."""
        found: list[StoredProgram] = []

        def hear(message: dict[str, Any]) -> None:
            if message["type"] == "smaller":
                found.extend(message["programs"])

        task = ChildTask("smaller", programs=(program,), memory=self._memory)
        self._zygote().run(task, hear, self._should_stop)
        return found
