"""What a race on real threads showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Paragraph, Table
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind

__all__ = ["LEAST_OVERLAP", "OWNERS", "RaceReport"]

OWNERS = ("racing", "elsewhere")
"""Who made the objects of a race: a thread that races, or one who does not."""

LEAST_OVERLAP = 0.01
"""Share of concurrent time below which a clean race proves nothing."""


def _of(part: int, whole: int, noun: str) -> str:
    return f"{part:,} of {whole:,} {noun}"


@dataclass(frozen=True, slots=True)
class RaceReport(ModeReport):
    """Outcome of :func:`refrace.race`.

    Every settled object is exactly one of intact, leaked, freed early.

    Attributes
    ----------
    mode : str
        The refcount mode raced in.
    threads : int
        Threads that raced.
    gil : {"released", "held"}
        Whether the C code ran without the GIL.
    shared : bool
        Whether all threads raced for the same objects, or each for its own.
    owner : {"racing", "elsewhere"}
        Whether a thread that raced made the objects, or one who did not.
    hold : int
        References that each thread took of each object.
    seed : int
        Seed of the jitter; threads still run as the machine schedules them.
    objects : int
        Objects settled; fewer than `objects_requested` after an interrupt.
    objects_requested : int
        Objects asked for (times the threads, if each had its own).
    operations : int
        Increments and decrements done on the settled objects.
    intact, leaked, freed_early : int
        Objects freed exactly once, by the last reference; never freed; freed while
        references to them existed.
    dangling_uses : int
        Operations that came to an object seen to be freed already; at the least,
        since a thread looks every 16 operations.
    double_frees : int
        Destructions of an object beyond its first.
    freed_late : int
        Intact objects that outlived their last reference: its drop did not free them,
        but only put them into their owner's queue, or was only written down.  0 in
        modes that put nothing off (:attr:`Mode.settles`).
    late_s : float
        Time in seconds from the drop of the last reference until the object was
        freed, summed over `freed_late`.
    lost_increments : int
        Increments that another thread's store undid, on all objects.
    lost_decrements : int
        Decrements likewise, on the objects not freed early (the count of the others
        is gone with them).
    drift : int
        Sum of believed minus true count before the last reference went, over the
        objects not freed early.
    overlap : float
        Share of the time inside in which at least two threads were, 0 to 1.
    busy_s : float
        Wall time in seconds with at least one thread inside (with the GIL held: time
        of all their turns).
    elapsed_s : float
        Wall time of the race in seconds, meeting points included.
    environment : Environment
        Where it ran.

    Notes
    -----
    A race shows what happened in one run on one machine.  Intact objects are no proof
    that the mode counts correctly.

    The last reference is always dropped by one who does not race, the referee.  So in
    a mode with owners, objects that a racing thread made are freed late, and those
    made elsewhere, by the referee himself, are not: the share says who dropped last,
    and nothing about a program.  Where each thread counts in words of its own, all are
    freed late.  As to how late, all threads come by right after that drop, spoken for
    by the referee, and then stand still for a collapse: the time is what settling
    costs at the least, a lower bound.  A thread that sleeps keeps the object as long.
    """

    format_name: ClassVar[str] = "refrace/race"

    mode: str
    threads: int
    gil: Literal["released", "held"]
    shared: bool
    owner: Literal["racing", "elsewhere"]
    hold: int
    seed: int
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
    environment: Environment

    def _misfit(self) -> str | None:
        if self.intact + self.leaked + self.freed_early != self.objects:
            return "the objects are not as many as the intact, leaked and freed early"
        if self.freed_late > self.intact:
            return "more objects were freed late than stayed intact"
        if self.objects > self.objects_requested:
            return "more objects were settled than asked for"
        return None

    @property
    def lost_updates(self) -> int:
        """Increments and decrements lost, counted exactly (see the attributes)."""
        return self.lost_increments + self.lost_decrements

    @property
    def corrupted(self) -> int:
        """Objects that are not intact."""
        return self.leaked + self.freed_early

    @property
    def late_mean_s(self) -> float:
        """Mean time that the late objects outlived their last reference; 0 if none."""
        return self.late_s / self.freed_late if self.freed_late else 0.0

    @property
    def ops_per_s(self) -> float:
        """Increments and decrements per second of wall time; 0 if none were timed."""
        return self.operations / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all the objects asked for were settled."""
        return self.objects == self.objects_requested

    @property
    def conclusive(self) -> bool:
        """Whether objects were corrupted, or several threads met and none was.

        Threads met if two or more were inside for 1 % of the time at least.  With the
        GIL held they need not meet, since taking turns is what such a race shows.  A
        race that was stopped early without findings is inconclusive.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "the race was stopped early; let it run to its end"
        if self.threads == 1:
            return "one thread cannot race; use two threads or more"
        if self.gil == "held" or self.overlap >= LEAST_OVERLAP:
            return None
        return (
            f"threads were inside together {self.overlap:.1%} of the time, and nothing "
            "can go wrong while they are not; use two idle cores, more objects or a "
            "larger hold, or refrace.explore"
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each kind of damage, with how often it happened."""
        found = (
            (
                FindingKind.DANGLING_FREE,
                self.freed_early,
                f"{_of(self.freed_early, self.objects, 'objects')} were freed while "
                "threads still held references to them",
            ),
            (
                FindingKind.USE_AFTER_FREE,
                self.dangling_uses,
                f"{self.dangling_uses:,} operations came to an object already freed",
            ),
            (
                FindingKind.DOUBLE_FREE,
                self.double_frees,
                f"{self.double_frees:,} times a freed object was freed again",
            ),
            (
                FindingKind.LEAK,
                self.leaked,
                f"{_of(self.leaked, self.objects, 'objects')} were never freed",
            ),
        )
        return tuple(
            Finding(kind, None, message, count)
            for kind, count, message in found
            if count
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = self.mode + (", GIL held" if self.gil == "held" else "")
        if not self.objects:
            return f"{name}: stopped before the first object was settled."
        if self.corrupted:
            return (
                f"{name}: {_of(self.corrupted, self.objects, 'objects')} corrupted: "
                f"{self.leaked:,} leaked, {self.freed_early:,} freed early."
            )
        intact = f"{name}: all {self.objects:,} objects intact"
        if not self.conclusive:
            return f"{intact}, but this run proves nothing{self._why_not()}."
        if self.gil == "held":
            return f"{intact}, the threads taking turns."
        return f"{intact}, threads inside together {self.overlap:.0%} of the time."

    def _why_not(self) -> str:
        if not self.is_complete:
            return ": it was stopped early"
        if self.threads == 1:
            return ": one thread cannot race"
        return f": threads met {self.overlap:.1%} of the time"

    def body(self) -> list[Block]:
        """Return the setting, the numbers, and what the run does not say."""
        whose = "the same objects" if self.shared else "objects of their own"
        if self.owner == "elsewhere":
            whose += ", made by one who did not race"
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        rows = [
            ("objects", f"{self.objects:,}", ""),
            ("  intact", f"{self.intact:,}", "freed once, by the last reference"),
            ("  leaked", f"{self.leaked:,}", "never freed"),
            ("  freed early", f"{self.freed_early:,}", "while references existed"),
            *(
                [
                    (
                        "  freed late",
                        f"{self.freed_late:,}",
                        f"{self.late_mean_s * 1e9:,.0f} ns or more after the last drop",
                    )
                ]
                if self.freed_late
                else []
            ),
            ("operations", f"{self.operations:,}", "increments and decrements"),
            (
                "  lost",
                f"{self.lost_updates:,}",
                f"increments {self.lost_increments:,}, "
                f"decrements {self.lost_decrements:,}",
            ),
            ("  dangling uses", f"{self.dangling_uses:,}", "of a freed object"),
            ("double frees", f"{self.double_frees:,}", ""),
            ("drift", f"{self.drift:+,}", "counts believed minus true"),
            ("overlap", f"{self.overlap:.1%}", "of the time, two or more inside"),
            ("elapsed", f"{self.elapsed_s:.3f} s", f"{self.ops_per_s:,.0f} per second"),
        ]
        blocks: list[Block] = [
            Paragraph(
                f"{threads} took {self.hold:,} references each of {whose}, then "
                f"dropped them, the GIL {self.gil}."
            ),
            Table(("", "", ""), rows, align="<><"),
        ]
        if not self.is_complete:
            blocks.append(
                Paragraph(
                    f"Stopped early: {self.objects:,} of {self.objects_requested:,} "
                    "objects were settled."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.environment}; seed {self.seed}."))
        return blocks
