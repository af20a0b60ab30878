"""Time one thread and several threads, in pairs of runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from refrace._base.threads import run_threads
from refrace.lessons.parallelism_row import Pair
from refrace.lessons.workloads import Step

__all__ = ["calibrate", "measure_pairs", "measure_run"]

Clock = Callable[[], float]


def measure_run(
    steps: Sequence[Step],
    amount: int,
    *,
    wall: Clock = time.perf_counter,
    cpu: Clock = time.process_time,
) -> tuple[float, float]:
    """Run each step `amount` times in its own thread.

    Returns the seconds from the barrier of all threads to the end of the last one, and
    the processor time of the whole process in between.
    """
    begun: list[tuple[float, float]] = []
    ended: list[tuple[float, float]] = []
    stopped = threading.Event()

    def begin() -> None:  # runs in the thread that reaches the barrier last
        begun.append((wall(), cpu()))

    barrier = threading.Barrier(len(steps), action=begin)

    def work(step: Step) -> None:
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            return
        for _ in range(amount):
            if stopped.is_set():
                return
            step()
        ended.append((wall(), cpu()))

    def stop() -> None:
        stopped.set()
        barrier.abort()

    run_threads([partial(work, step) for step in steps], stop=stop)
    (first,) = begun
    last = max(ended)
    return last[0] - first[0], last[1] - first[1]


def calibrate(step: Step, seconds: float, *, wall: Clock = time.perf_counter) -> int:
    """Return how often `step` runs in about `seconds`; at least 1.

    It also warms the step up: the interpreter specialises its code meanwhile.
    """
    amount = 1
    while True:
        start = wall()
        for _ in range(amount):
            step()
        elapsed = wall() - start
        if elapsed >= seconds / 4:
            return max(1, round(amount * seconds / elapsed))
        # No more than fits in the remaining time at the speed just measured.
        amount = max(amount * 2, int(amount * seconds / 4 / elapsed) if elapsed else 0)


def measure_pairs(
    steps: Sequence[Step],
    amount: int,
    rounds: int,
    *,
    run: Callable[[Sequence[Step], int], tuple[float, float]] = measure_run,
) -> Iterator[Pair]:
    """Yield one pair for each round: one thread and all threads, back to back.

    The order alternates between rounds, so that a change in the speed of the machine
    favours neither.
    """
    for number in range(rounds):
        if number % 2:
            many = run(steps, amount)
            one = run(steps[:1], amount)
        else:
            one = run(steps[:1], amount)
            many = run(steps, amount)
        yield Pair(*one, *many)
