"""One part of a race and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["GAPS", "LEAST_OVERLAP", "RacePart", "overlap_of"]

GAPS = ("auto", "natural", "widened")
"""Values of the argument `gaps`; a part has one of the last two."""

LEAST_OVERLAP = 0.01
"""Share of time or gaps in which threads meet, below which a race is inconclusive."""


class Timed(Protocol):
    """A tally with the time that at least one and at least two threads were inside."""

    @property
    def busy_ns(self) -> int:
        """Time in ns with at least one thread inside."""

    @property
    def crowded_ns(self) -> int:
        """Time in ns with at least two threads inside."""


def overlap_of(tally: Timed) -> float:
    """Return the share of the busy time with at least two threads inside, 0 to 1."""
    return tally.crowded_ns / tally.busy_ns if tally.busy_ns else 0.0


@dataclass(frozen=True, slots=True)
class RacePart:
    """A part of a race in which all objects were raced for in the same way.

    Attributes
    ----------
    gaps : {"natural", "widened"}
        Whether threads ran as the machine scheduled them, or waited between two
        accesses of one operation until other threads had made some.
    hold : int
        References that each thread took to each object.
    objects, objects_requested, operations, intact, leaked, freed_early : int
        These and the following are as in :class:`RaceReport`, for this part alone.
    dangling_uses, double_frees, freed_late : int
    late_s : float
    lost_increments, lost_decrements, drift : int
    overlap, busy_s, elapsed_s : float
    gap_waits : int
        Gaps in which a thread waited; 0 where gaps are natural.
    gaps_met : int
        Gaps among them in which another thread made an access meanwhile.
    """

    gaps: Literal["natural", "widened"]
    hold: int
    objects: int
    objects_requested: int
    operations: int
    intact: int
    leaked: int
    freed_early: int
    dangling_uses: int
    double_frees: int
    freed_late: int
    late_s: float
    lost_increments: int
    lost_decrements: int
    drift: int
    overlap: float
    busy_s: float
    elapsed_s: float
    gap_waits: int
    gaps_met: int

    def _misfit(self) -> str | None:
        if self.intact + self.leaked + self.freed_early != self.objects:
            return "intact, leaked and freed_early do not add up to objects"
        if self.freed_late > self.intact:
            return "more objects were freed late than were intact"
        if self.objects > self.objects_requested:
            return "more objects were settled than asked for"
        if self.gaps_met > self.gap_waits:
            return "threads met in more gaps than they waited in"
        return None

    @property
    def corrupted(self) -> int:
        """Objects that are not intact."""
        return self.leaked + self.freed_early

    @property
    def is_complete(self) -> bool:
        """Whether all the objects asked for were settled."""
        return self.objects == self.objects_requested

    @property
    def has_found(self) -> bool:
        """Whether the part has any finding."""
        return self.corrupted + self.dangling_uses + self.double_frees > 0

    @property
    def has_met(self) -> bool:
        """Whether threads met often enough for intact objects to mean something."""
        by_gaps = self.gap_waits and self.gaps_met >= LEAST_OVERLAP * self.gap_waits
        return bool(by_gaps) or self.overlap >= LEAST_OVERLAP

    @property
    def how_met(self) -> str:
        """How often threads met, in words."""
        if self.gap_waits:
            return f"threads met in {self.gaps_met:,} of {self.gap_waits:,} gaps"
        return f"threads overlapped {self.overlap:.0%} of the time"

    def joined(self, other: RacePart) -> RacePart:
        """Return both as one part; both must have been run in the same way."""
        busy_s = self.busy_s + other.busy_s
        crowded_s = self.overlap * self.busy_s + other.overlap * other.busy_s
        counts = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__slots__
            if name not in ("gaps", "hold", "overlap")
        }
        overlap = min(1.0, crowded_s / busy_s) if busy_s else 0.0
        return RacePart(gaps=self.gaps, hold=self.hold, overlap=overlap, **counts)
