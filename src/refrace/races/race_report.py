"""What a race on real threads showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from refrace.catalogue.interpreter_mode import INTERPRETER
from refrace.catalogue.mode_report import ModeReport
from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.picture import Picture
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind, Findings
from refrace.races.interpreter_note import interpreter_note
from refrace.races.parts_table import table_of
from refrace.races.race_part import LEAST_OVERLAP, RacePart
from refrace.races.race_picture import race_picture

__all__ = ["LEAST_OVERLAP", "OWNERS", "RaceReport"]

OWNERS = ("racing", "elsewhere")
"""Which thread made the objects of a race: a racing one, or one that does not race."""

# Fields that stored reports of version 1 lack; all their gaps were natural.
_SINCE_VERSION_2: dict[str, Any] = {
    "gaps": "natural",
    "gap_waits": 0,
    "gaps_met": 0,
    "others": [],
}


_WIDENED = {
    "natural": "",
    "widened": (
        " Threads waited for each other between two accesses of one operation."
    ),
}


def _of(part: int, whole: int, noun: str) -> str:
    return f"{part:,} of {whole:,} {noun}"


@dataclass(frozen=True, slots=True)
class RaceReport(ModeReport):
    """Outcome of :func:`refrace.race`.

    Every settled object is exactly one of intact, leaked and freed early.

    A race can have several parts (:attr:`parts`): natural as asked for, natural with
    longer phases, and with widened gaps.  The figures below are those of one part,
    never sums: of the part that found something, which is the last one, or else of the
    first one.  `gaps` and `hold` show which part it is.

    Attributes
    ----------
    mode : str
        The refcount mode.
    threads : int
        Number of racing threads.
    gil : {"released", "held"}
        Whether the C code ran without the GIL.
    shared : bool
        Whether all threads raced for the same objects, or each for its own.
    owner : {"racing", "elsewhere"}
        Whether a racing thread made the objects, or a thread that did not race.
    hold : int
        References that each thread took to each object.
    seed : int
        Seed of the jitter; the machine still schedules the threads.
    objects : int
        Objects settled; fewer than `objects_requested` after an interrupt.
    objects_requested : int
        Objects asked for (times the number of threads, if each had its own).
    operations : int
        Increments and decrements done on the settled objects.
    intact, leaked, freed_early : int
        Objects freed exactly once, by the last reference; never freed; freed while
        references to them existed.
    dangling_uses : int
        Operations on an object that was already freed; a lower bound, because a thread
        checks every 16 operations.
    double_frees : int
        Destructions of an object after its first one.
    freed_late : int
        Intact objects that outlived their last reference: dropping it did not free
        them, but only queued them for their owner or was only recorded.  0 in modes
        that defer nothing (:attr:`Mode.settles`).
    late_s : float
        Time in seconds from the drop of the last reference until the object was
        freed, summed over `freed_late`.
    lost_increments : int
        Increments that another thread's store overwrote, on all objects.
    lost_decrements : int
        Decrements that another thread's store overwrote, on the objects not freed
        early (the count of a freed object is gone).
    drift : int
        Stored count minus true count before the last reference was dropped, summed
        over the objects not freed early.
    overlap : float
        Share of the busy time in which at least two threads were inside, 0 to 1.
    busy_s : float
        Wall time in seconds with at least one thread inside (with the GIL held: the
        time of all turns).
    elapsed_s : float
        Wall time of the race in seconds, meeting points included.
    environment : Environment
        Where it ran.
    gaps : {"natural", "widened"}
        Whether threads ran as the machine scheduled them, or waited between two
        accesses of one operation until other threads had made some.
    gap_waits, gaps_met : int
        Gaps in which a thread waited, and those in which another thread made an access
        meanwhile; 0 where gaps are natural.
    others : tuple of RacePart
        The other parts, in the order in which they were run.

    Notes
    -----
    A race shows what happened in one run on one machine.  Intact objects are no proof
    that the mode counts correctly.

    The referee, a thread that does not race, always drops the last reference.
    Therefore, in a mode with owners, objects that a racing thread made are freed late,
    and objects that the referee made are not: the share shows which thread dropped
    last and nothing about a program.  Where each thread counts in its own words, all
    objects are freed late.  The delay is a lower bound: right after the last drop,
    every thread passes a quiescent point, which the referee reports for it, and then
    stops for a collapse.  A detached thread can delay the free as long as it stays
    detached.
    """

    format_name: ClassVar[str] = "refrace/race"
    format_version: ClassVar[int] = 2

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
    gaps: Literal["natural", "widened"] = "natural"
    gap_waits: int = 0
    gaps_met: int = 0
    others: tuple[RacePart, ...] = ()

    @classmethod
    def of_parts(cls, parts: list[RacePart], **setting: Any) -> RaceReport:
        """Make a report of one or more parts, in the order in which they were run."""
        telling = next((i for i, part in enumerate(parts) if part.has_found), 0)
        figures = {name: getattr(parts[telling], name) for name in RacePart.__slots__}
        others = (*parts[:telling], *parts[telling + 1 :])
        return cls(**setting, **figures, others=others)

    @classmethod
    def _upgraded(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("version") != 1:
            return data
        return {**data, "version": cls.format_version, **_SINCE_VERSION_2}

    def _misfit(self) -> str | None:
        return self._telling_part._misfit()

    @property
    def _telling_part(self) -> RacePart:
        return RacePart(**{name: getattr(self, name) for name in RacePart.__slots__})

    @property
    def parts(self) -> tuple[RacePart, ...]:
        """All parts of the race, in the order in which they were run."""
        telling = self._telling_part
        if telling.has_found:
            return (*self.others, telling)
        return (telling, *self.others)

    @property
    def lost_updates(self) -> int:
        """Lost increments and decrements, counted exactly (see the attributes)."""
        return self.lost_increments + self.lost_decrements

    @property
    def corrupted(self) -> int:
        """Objects that are not intact."""
        return self.leaked + self.freed_early

    @property
    def late_mean_s(self) -> float:
        """Mean delay of late objects, last drop to free, in seconds; 0 if none."""
        return self.late_s / self.freed_late if self.freed_late else 0.0

    @property
    def ops_per_s(self) -> float:
        """Increments and decrements per second of wall time; 0 if none were timed."""
        return self.operations / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all the objects asked for were settled, in all parts."""
        return all(part.is_complete for part in self.parts)

    @property
    def conclusive(self) -> bool:
        """Whether something was found, or threads met as intended.

        Threads meet in a part if they overlap for 1% of the time or more, or, with
        widened gaps, in 1% of the gaps or more.  With the GIL held they need not meet,
        because such a race shows threads taking turns.  A race that was stopped early
        without findings is inconclusive.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "the race was stopped early; let it run to the end"
        if self.threads == 1:
            return "one thread cannot race; use two threads or more"
        if self.gil == "held" or self._part_that_met is not None:
            return None
        return (
            f"threads overlapped {self.overlap:.1%} of the time, and threads that do "
            "not overlap cannot lose updates; pass a larger hold, more seconds or "
            "gaps='widened', or use refrace.explore"
        )

    @property
    def _part_that_met(self) -> RacePart | None:
        return next((part for part in self.parts if part.has_met), None)

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
                f"{self.dangling_uses:,} operations touched an object already freed",
            ),
            (
                FindingKind.DOUBLE_FREE,
                self.double_frees,
                f"a freed object was freed again {self.double_frees:,} times",
            ),
            (
                FindingKind.LEAK,
                self.leaked,
                f"{_of(self.leaked, self.objects, 'objects')} were never freed",
            ),
        )
        return Findings(
            Finding(kind, None, message, count)
            for kind, count, message in found
            if count
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = self.mode
        if name == INTERPRETER:
            name = f"CPython {self.environment.python}"
        name += ", GIL held" if self.gil == "held" else ""
        if self.gaps == "widened":
            name += ", gaps widened"
        elif self._telling_part != self.parts[0]:
            name += ", in longer phases"
        if not self.objects:
            return f"{name}: stopped before the first object was done."
        if self.corrupted:
            return (
                f"{name}: {_of(self.corrupted, self.objects, 'objects')} corrupted: "
                f"{self.leaked:,} leaked, {self.freed_early:,} freed early."
            )
        intact = f"{name}: all {self.objects:,} objects intact"
        if not self.conclusive:
            return f"{intact}, but this run proves nothing{self._why_not()}."
        if self.gil == "held":
            return f"{intact}, with threads taking turns."
        part = self._part_that_met
        if part is None:  # threads cannot overlap and need not
            return f"{intact}."
        if part == self._telling_part:
            return f"{intact}, {part.how_met}."
        how = "with gaps widened" if part.gaps == "widened" else "in longer phases"
        return f"{intact}, and all {part.objects:,} {how}, {part.how_met}."

    def _why_not(self) -> str:
        if not self.is_complete:
            return ": it was stopped early"
        if self.threads == 1:
            return ": one thread cannot race"
        return f": threads overlapped {self.overlap:.1%} of the time"

    def _picture(self) -> Picture:
        if not self.objects:
            return super(RaceReport, self)._picture()  # slots=True makes a new class
        title = f"Race in {self.mode}: {self.threads} threads, GIL {self.gil}"
        return race_picture(title, self.answer, self.parts)

    def body(self) -> list[Block]:
        """Return the setting, the figures, and the limits of the result."""
        whose = "the same objects" if self.shared else "its own objects"
        if self.owner == "elsewhere":
            whose += " (made by a thread that did not race)"
        references = "1 reference" if self.hold == 1 else f"{self.hold:,} references"
        each = "" if self.threads == 1 else "each "
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
            ("drift", f"{self.drift:+,}", "stored counts minus true counts"),
            ("overlap", f"{self.overlap:.1%}", "time with two or more threads inside"),
            *(
                [("gaps met", f"{self.gaps_met:,}", f"of {self.gap_waits:,} waits")]
                if self.gaps == "widened"
                else []
            ),
            ("elapsed", f"{self.elapsed_s:.3f} s", f"{self.ops_per_s:,.0f} per second"),
        ]
        blocks: list[Block] = [
            Paragraph(
                f"{threads} {each}took {references} to {whose}, then dropped "
                f"{'it' if self.hold == 1 else 'them'}. GIL {self.gil}."
                f"{_WIDENED[self.gaps]}"
            ),
            Illustration(self._picture()),
            Table(("", "", ""), rows, align="<><"),
        ]
        if self.mode == INTERPRETER:
            blocks.append(Paragraph(interpreter_note(self.environment, self.gil)))
        if self.gaps == "widened" and not self.gap_waits:
            blocks.append(Paragraph("No thread reached a gap to wait in."))
        if self.others:
            blocks.append(table_of(self.parts))
        if not self.is_complete:
            part = next(each for each in self.parts if not each.is_complete)
            blocks.append(
                Paragraph(
                    f"Stopped early: {part.objects:,} of {part.objects_requested:,} "
                    "objects were settled."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.environment}; seed {self.seed}."))
        return blocks
