"""One row of a comparison: a mode, with some threads, at some objects."""

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
        What the mode says of its counting.
    memory : Memory
        What the mode keeps of an object; no measurement, and the same in all rows.
    threads : int
        Threads that raced.
    objects : {"shared", "private"}
        Whether the threads counted on the same object or each on its own.
    owner : {"racing", "elsewhere"}
        Whether a thread that raced made the objects, or one who did not: see
        :func:`refrace.race`.
    settled, corrupted : int
        Objects raced for in all rounds, and those of them that leaked or were freed
        early.
    freed_late : int
        Objects that outlived their last reference, waiting for their owner; who drops
        last in a race, and what that says, is told at :class:`RaceReport`.
    late_s : float
        How long they did so, in seconds, summed; a lower bound, as told there.
    ns_per_operation : Spread
        Time that one increment or decrement took a thread, in nanoseconds.
    ratio : Spread
        The same, divided by `unlocked` on one thread in the same round, at the same
        workload.
    scaling : Spread
        Operations per second of all threads, divided by those of this mode on one
        thread in the same round, at the same workload: 1 means that the further
        threads gain nothing.
    overlap : float
        Median share of the time in which at least two threads were inside, 0 to 1.
    workload : {"latency", "throughput"}
        Whether a thread counted one object again and again, or went round over 64;
        always the former in what an older refrace stored.

    Notes
    -----
    With two threads or more, the spreads and the overlap are those of the rounds in
    which threads were inside together for half of the time or more (``ratio.n`` of
    them); of all rounds, if there were fewer than three such.
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
        """The number of threads, whose objects, and the workload, in words."""
        made = ", not the owner" if self.owner == "elsewhere" else ""
        if self.threads == 1:
            return f"1 thread{made}, {self.workload}"
        whose = WHOSE[self.objects, self.workload]
        return f"{self.threads} threads, {whose}{made}, {self.workload}"

    @property
    def claim(self) -> Literal["correct", "broken"]:
        """What the mode says of its counting, in a word."""
        return "correct" if self.claims_correct else "broken"

    def _misfit(self) -> str | None:
        if self.corrupted + self.freed_late > self.settled:
            return "more objects were corrupt or freed late than settled"
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
        """Mean time that the late objects outlived their last reference; 0 if none."""
        return self.late_s / self.freed_late if self.freed_late else 0.0

    @property
    def conclusive(self) -> bool:
        """Whether the threads met, if there were more than one."""
        return self.threads == 1 or self.overlap >= LEAST_OVERLAP

    @property
    def is_conclusive(self) -> bool:
        """The same as `conclusive`, under its former name."""
        return self.conclusive
