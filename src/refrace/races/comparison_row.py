"""One row of a comparison: a mode, a number of threads, and a kind of objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from refrace._base.codec import ADDED_LATER
from refrace._base.spread import Spread
from refrace.catalogue.mode import Memory
from refrace.races.race_report import LEAST_OVERLAP

__all__ = ["ComparisonRow"]

WHOSE = {
    ("shared", "latency"): "same object",
    ("shared", "throughput"): "same objects",
    ("private", "latency"): "own objects",
    ("private", "throughput"): "own objects",
}


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One mode with one number of threads on one kind of objects.

    Attributes
    ----------
    mode : str
        The refcount mode.
    claims_correct : bool
        Whether the mode claims to count correctly.
    memory : Memory
        What the mode stores for each object; not measured, and the same in all rows of
        the mode.
    threads : int
        Number of racing threads.
    objects : {"shared", "private"}
        Whether the threads counted the same objects or each its own.
    owner : {"racing", "elsewhere"}
        Whether a racing thread made the objects, or a thread that did not race: see
        :func:`refrace.race`.
    settled, corrupted : int
        Objects raced for in all rounds, and those that leaked or were freed early.
    freed_late : int
        Objects that outlived their last reference; :class:`RaceReport` explains which
        thread drops last in a race and what the share means.
    late_s : float
        Sum of their delays in seconds; a lower bound, see :class:`RaceReport`.
    ns_per_operation : Spread
        Time of a thread for one increment or decrement, in nanoseconds.
    ratio : Spread
        This time divided by that of `unlocked` on one thread, in the same round and
        with the same workload.
    scaling : Spread
        Operations per second of all threads, divided by those of this mode on one
        thread, in the same round and with the same workload: 1 means that more threads
        gain nothing.
    overlap : float
        Median share of the time in which at least two threads were inside, 0 to 1.
    workload : {"latency", "throughput"}
        Whether a thread counted the same object repeatedly, or 64 objects in turn;
        always the former in results that older versions stored.

    Notes
    -----
    With two or more threads, the spreads and the overlap are taken over the rounds in
    which threads overlapped for at least half of the time (``ratio.n`` rounds), or over
    all rounds if there were fewer than three such rounds.
    """

    mode: str
    claims_correct: bool
    memory: Memory
    threads: int
    objects: Literal["shared", "private"]
    owner: Literal["racing", "elsewhere"]
    settled: int
    corrupted: int
    freed_late: int
    late_s: float
    ns_per_operation: Spread
    ratio: Spread
    scaling: Spread
    overlap: float
    workload: Literal["latency", "throughput"] = field(
        default="latency", metadata={ADDED_LATER: True}
    )

    @property
    def case(self) -> str:
        """The number of threads, the objects and the workload, in words."""
        made = ", not the owner" if self.owner == "elsewhere" else ""
        if self.threads == 1:
            return f"1 thread{made}, {self.workload}"
        whose = WHOSE[self.objects, self.workload]
        return f"{self.threads} threads, {whose}{made}, {self.workload}"

    @property
    def claim(self) -> Literal["correct", "broken"]:
        """The mode's claim about its counting, in one word."""
        return "correct" if self.claims_correct else "broken"

    def _misfit(self) -> str | None:
        if self.corrupted + self.freed_late > self.settled:
            return "more objects were corrupted or freed late than settled"
        return None

    @property
    def corrupt_share(self) -> float:
        """Share of the objects that leaked or were freed early, 0 to 1."""
        return self.corrupted / self.settled

    @property
    def late_share(self) -> float:
        """Share of the objects that outlived their last reference, 0 to 1."""
        return self.freed_late / self.settled

    @property
    def late_mean_s(self) -> float:
        """Mean delay of late objects, last drop to free, in seconds; 0 if none."""
        return self.late_s / self.freed_late if self.freed_late else 0.0

    @property
    def conclusive(self) -> bool:
        """Whether the threads met, if there was more than one."""
        return self.threads == 1 or self.overlap >= LEAST_OVERLAP

    @property
    def is_conclusive(self) -> bool:
        """The same as `conclusive`, under its former name."""
        return self.conclusive
