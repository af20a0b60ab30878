"""Measure the cost of one increment or decrement with a race set up for timing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

from refrace._base.threads import run_threads
from refrace._native import objects as native_objects
from refrace.races.race_part import overlap_of

__all__ = ["MANY", "Owner", "Price", "Sharing", "Workload", "measure", "quickest_form"]

Sharing = Literal["shared", "private"]
Owner = Literal["racing", "elsewhere"]
Workload = Literal["latency", "throughput"]

MANY = native_objects.MAX_TOGETHER
"""Objects that a thread counts in turn where throughput is measured."""

# Operations between two checks for a stop: some 40 ms in the slowest mode.
BUDGET = 1 << 17

# For finding the fastest form of the loop: tries so short that some of them run without
# an interruption, and so few that they take a millisecond or two.
TRIES = 7
TRIED = 2_000


@dataclass(frozen=True, slots=True)
class Price:
    """One race, measured.

    Attributes
    ----------
    ns : float
        Time of a thread for one increment or decrement, in nanoseconds.
    overlap : float
        Share of the time in which at least two threads were inside, 0 to 1.
    settled, corrupted : int
        Objects raced for, and those that leaked or were freed early.
    freed_late : int
        Objects that outlived their last reference.
    late_s : float
        Sum of their delays, in seconds.
    """

    ns: float
    overlap: float
    settled: int
    corrupted: int
    freed_late: int
    late_s: float


def measure(
    mode: int,
    threads: int,
    objects: Sharing,
    owner: Owner,
    workload: Workload,
    *,
    operations: int,
    rounds: int,
) -> Price:
    """Race once and return the cost of an operation.

    Parameters
    ----------
    mode : int
        Number of the mode.
    threads : int
        Number of racing threads.
    objects : {"shared", "private"}
        Whether all threads count the same objects, or each its own.
    owner : {"racing", "elsewhere"}
        Whether a racing thread makes the objects.
    workload : {"latency", "throughput"}
        Whether a thread counts the same object repeatedly, or `MANY` objects in turn.
    operations : int
        Increments of a thread in a round, and also decrements; rounded up to whole
        passes over all objects.
    rounds : int
        Number of rounds, each with new objects.
    """
    together = _together(workload)
    hold = -(-operations // together)
    native = native_objects.Race(
        mode,
        threads,
        rounds,
        hold,
        objects == "shared",
        owner == "elsewhere",
        in_turns=False,
        gap_odds=0,
        seed=0,
        together=together,
        form=quickest_form(mode, workload),
    )
    run_threads(
        [partial(native.run, thread, budget=BUDGET) for thread in range(threads)],
        stop=native.stop,
    )
    tally = native.tally()
    return Price(
        ns=tally.busy_ns / (2 * hold * together * rounds),
        overlap=overlap_of(tally),
        settled=tally.objects,
        corrupted=tally.leaked + tally.freed_early,
        freed_late=tally.freed_late,
        late_s=tally.late_ns / 1e9,
    )


def _time_form(mode: int, together: int, form: int) -> int:
    """Return the time in ns of a short race on one thread in that form of the loop."""
    hold = -(-TRIED // together)
    native = native_objects.Race(
        mode,
        1,
        1,
        hold,
        shared=True,
        foreign=False,
        in_turns=False,
        gap_odds=0,
        seed=0,
        together=together,
        form=form,
    )
    native.run(0, budget=BUDGET)
    return native.tally().busy_ns


def choose_form(time_form: Callable[[int], int]) -> int:
    """Return the form with the fastest try; the forms take turns.

    Parameters
    ----------
    time_form : callable
        Maps the number of a form to the duration of a try in ns.
    """
    forms = range(native_objects.N_FORMS)
    tries = [[time_form(form) for form in forms] for _ in range(TRIES)]
    best = [min(column) for column in zip(*tries, strict=True)]
    return best.index(min(best))


@cache
def quickest_form(mode: int, workload: Workload) -> int:
    """Return which form of the loop is fastest on this processor.

    Measured once per process for each mode and workload, in a few milliseconds.

    Parameters
    ----------
    mode : int
        Number of the mode.
    workload : {"latency", "throughput"}
        As for :func:`measure`.
    """
    return choose_form(partial(_time_form, mode, _together(workload)))


def _together(workload: Workload) -> int:
    return 1 if workload == "latency" else MANY
