"""`Walks`: what a session does along one run after another."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import OutOfTime
from refrace.explorer.model.lower import Lowered
from refrace.explorer.model.replaying import Recorder
from refrace.explorer.model.results import Replay

__all__ = ["Walks"]


class Walks:
    """The part of a session that follows schedules.

    A subclass has the program in the core's form, and the one thread that runs, or -1.
    """

    _only: int

    @property
    def lowered(self) -> Lowered:
        """The program as flat arrays."""
        raise NotImplementedError

    @property
    def setting(self) -> tuple[native_explorer.Image, int, bool]:
        """The program, the number of the mode, and whether the GIL is held."""
        raise NotImplementedError

    def _walk(
        self, use: Callable[[native_explorer.Walk], bool]
    ) -> native_explorer.Walk:
        """Call `use` with a walk; retry with more capacity while it returns False."""
        capacity = [0] * native_explorer.N_CAPACITIES
        while True:
            walk = native_explorer.Walk(*self.setting, self._only, capacity)
            if use(walk):
                return walk
            grow(capacity, walk.numbers().lacks)

    def replay(self, schedule: Sequence[int], cpu_deadline: float = math.inf) -> Replay:
        """Take the steps of a schedule; return the effect of each.

        Raises
        ------
        OutOfTime
            At the deadline, a time of `time.thread_time`.  (The deadlines of the
            methods below are times of `time.monotonic`.)
        """
        recorders: list[Recorder] = []

        def use(walk: native_explorer.Walk) -> bool:
            recorders.append(Recorder(self.lowered, walk))
            return recorders[-1].run(schedule, cpu_deadline)

        self._walk(use)
        return recorders[-1].result()

    def choices(self, schedule: Sequence[int]) -> list[int]:
        """Return the codes that are possible after a schedule; none if the run ended.

        Raises
        ------
        ValueError
            If a step of the schedule is not possible.
        """
        reached = "ran"

        def use(walk: native_explorer.Walk) -> bool:
            nonlocal reached
            reached = walk.begin()
            for code in schedule:
                if reached != "ran":
                    break
                reached = walk.take(code)
            return reached != "grow"

        walk = self._walk(use)
        return walk.choices() if reached == "ran" else []

    def measure(
        self, schedule: Sequence[int], kind: str, deadline: float = math.inf
    ) -> tuple[int, int]:
        """Take a schedule up to a kind of finding; return preemptions and steps.

        If the schedule does not lead to the finding, take all of it.
        """
        wanted = 1 << native_explorer.KINDS.index(kind)
        measured = 0, 0

        def use(walk: native_explorer.Walk) -> bool:
            nonlocal measured
            progress = walk.begin()
            numbers = walk.numbers()
            steps = 0
            for code in schedule:
                if progress != "ran" or numbers.kinds & wanted:
                    break
                _keep(deadline)
                progress = walk.take(code)
                numbers = walk.numbers()
                steps += 1
            measured = numbers.preemptions, steps
            return not _lacks_room(walk, progress)

        self._walk(use)
        return measured

    def follow(
        self, schedule: Sequence[int], max_steps: int, deadline: float = math.inf
    ) -> tuple[list[int], int, list[str]]:
        """Take the possible steps of a schedule, then continue to the end of the run.

        A code that is not possible is skipped.  After the last code, the thread that
        stepped last continues while it can, then the lowest thread that can.

        Returns
        -------
        codes taken, number of preemptions, kinds of the run so far
        """
        codes: list[int] = []

        def use(walk: native_explorer.Walk) -> bool:
            codes.clear()
            progress = walk.begin()
            wanted = list(reversed(schedule))
            while progress == "ran" and len(codes) < max_steps:
                _keep(deadline)
                choices = walk.choices()
                while wanted and wanted[-1] not in choices:
                    wanted.pop()
                codes.append(wanted.pop() if wanted else _natural(walk))
                progress = walk.take(codes[-1])
            return not _lacks_room(walk, progress)

        numbers = self._walk(use).numbers()
        return codes, numbers.preemptions, kinds_of(numbers.kinds)

    def branch(
        self, prefix: Sequence[int], max_steps: int, deadline: float = math.inf
    ) -> tuple[list[int], list[tuple[int, int, int]], list[str]]:
        """Take a prefix, which must be possible, then continue as `follow` does.

        Returns
        -------
        codes taken; the alternatives after the prefix, as (step, preemptions including
        it, code); kinds of the run
        """
        codes: list[int] = []
        others: list[tuple[int, int, int]] = []

        def use(walk: native_explorer.Walk) -> bool:
            codes.clear()
            others.clear()
            progress = walk.begin()
            while progress == "ran" and len(codes) < max_steps:
                _keep(deadline)
                at = len(codes)
                code = prefix[at] if at < len(prefix) else _natural(walk)
                before = walk.numbers().preemptions
                for other in walk.choices() if at >= len(prefix) else ():
                    if other != code:
                        others.append((at, before + walk.preempts(other), other))
                codes.append(code)
                progress = walk.take(code)
            return not _lacks_room(walk, progress)

        kinds = self._walk(use).numbers().kinds
        return codes, others, kinds_of(kinds)


def _lacks_room(walk: native_explorer.Walk, progress: str) -> bool:
    """Return whether to begin again: a run with too much history just ends here."""
    return progress == "grow" and walk.numbers().lacks != native_explorer.GROW_HISTORY


def _keep(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise OutOfTime


def _natural(walk: native_explorer.Walk) -> int:
    """Return the choice that switches threads only if it must."""
    choices = walk.choices()
    last = 4 * walk.numbers().last  # its step, with the newest messages
    return last if last in choices else choices[0]
