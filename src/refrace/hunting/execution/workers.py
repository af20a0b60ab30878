"""The threads of a program: started once, they meet in each round.

Each is parked, detached, in a lock of its own between two rounds.  When a round starts,
they are woken one after the other, wait for each other in a spin barrier, and begin
within a fraction of a microsecond; a random delay varies who comes first.
"""

from __future__ import annotations

import threading
import time
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from random import Random
from types import TracebackType

from refrace._native.meeting import Meeting
from refrace.errors import EnvironmentUnfit

__all__ = ["Workers"]

Task = Callable[[], None]

# Delays after the meeting are up to one of these, in nanoseconds.
_DELAYS_NS = (0, 200, 1_000, 5_000, 20_000)


class Workers:
    """Threads that run one task each, at the same time or in turn.

    Parameters
    ----------
    count : int
        The number of threads.
    seed : int
        Of the delays.

    Attributes
    ----------
    intervals : list of (int, int)
        Begin and end of each task of the last round, in nanoseconds.
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._meeting = Meeting(count)
        self._starts = [allocate_lock() for _ in range(count)]
        self._ends = [allocate_lock() for _ in range(count)]
        self._tasks: list[Task | None] = [None] * count
        self._delays = [0] * count
        self._errors: list[BaseException] = []
        self._meets = True
        self._is_over = False
        self._random = Random(seed)
        self._threads: list[threading.Thread] = []
        self.intervals = [(0, 0)] * count

    def __enter__(self) -> Workers:
        for lock in [*self._starts, *self._ends]:
            lock.acquire()
        try:
            for number in range(self._count):
                thread = threading.Thread(
                    target=self._work, args=(number,), daemon=True
                )
                thread.start()
                self._threads.append(thread)
        except RuntimeError as error:
            self._end()
            raise EnvironmentUnfit(
                f"thread {len(self._threads) + 1} of {self._count} could not be "
                f"started ({error}); ask for fewer threads, or raise the limit "
                "on processes"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def run(self, tasks: Sequence[Task]) -> None:
        """Run all tasks at once, and wait until they have ended."""
        scale = self._random.choice(_DELAYS_NS)
        for number, task in enumerate(tasks):
            self._tasks[number] = task
            self._delays[number] = self._random.randint(0, scale)
        self._meets = True
        for lock in self._starts:
            lock.release()
        for lock in self._ends:
            lock.acquire()
        self._raise()

    def run_one(self, number: int, task: Task) -> None:
        """Run a task in one thread while the others are parked."""
        self._tasks[number] = task
        self._meets = False
        self._starts[number].release()
        self._ends[number].acquire()
        self._raise()

    def _work(self, number: int) -> None:
        start, end = self._starts[number], self._ends[number]
        while True:
            start.acquire()
            if self._is_over:
                return
            if self._meets:
                self._meeting.wait(self._delays[number])
            task, self._tasks[number] = self._tasks[number], None
            began = time.perf_counter_ns()
            try:
                if task is not None:
                    task()
            except BaseException as error:
                self._errors.append(error)
            self.intervals[number] = (began, time.perf_counter_ns())
            task = None
            end.release()

    def _raise(self) -> None:
        if self._errors:
            raise self._errors.pop()

    def _end(self) -> None:
        self._is_over = True
        for lock, _ in zip(self._starts, self._threads, strict=False):
            lock.release()
        for thread in self._threads:
            thread.join()
