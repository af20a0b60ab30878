"""The result of threads that appended to one array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.bars import Bar, Part, Tone, bars_picture
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind, Findings

__all__ = ["AppendReport"]


@dataclass(frozen=True, slots=True)
class AppendReport(Report):
    """Outcome of :func:`refrace.lost_append`.

    The item of every completed append is exactly one of kept, overwritten and cut off.

    Attributes
    ----------
    threads : int
        Number of appending threads.
    gil : {"held", "released"}
        Whether each step ran with the GIL held.
    locked : bool
        Whether a lock was held around the three steps of an append.
    seed : int
        Seed of the choice of steps after which a thread waits for another one; the
        machine still schedules the threads.
    appends : int
        Appends completed by all threads; fewer than `appends_requested` after an
        interrupt.
    appends_requested : int
        Appends asked for, for all threads.
    kept : int
        Items in the array at the end.
    overwritten : int
        Items that no longer exist: another append got the same index and stored its
        item there later.
    cut_off : int
        Items that are stored in the right place, but beyond the end of the array:
        another append that had read an old length set the length back.
    length : int
        Length of the array at the end.
    interleaved : int
        Appends between whose steps another thread made a step.
    elapsed_s : float
        Wall time from the first step to the last, in seconds.
    environment : Environment
        Where it ran.

    Notes
    -----
    A lost item did happen.  Without a lock, the absence of lost items is not a proof.
    With a lock, no append is interleaved, so none can be lost.
    """

    format_name: ClassVar[str] = "refrace/append"

    threads: int
    gil: Literal["held", "released"]
    locked: bool
    seed: int
    appends: int
    appends_requested: int
    kept: int
    overwritten: int
    cut_off: int
    length: int
    interleaved: int
    elapsed_s: float
    environment: Environment

    def _misfit(self) -> str | None:
        if self.kept + self.overwritten + self.cut_off != self.appends:
            return "kept, overwritten and cut_off do not add up to appends"
        if self.appends > self.appends_requested:
            return "more appends were completed than asked for"
        return None

    @property
    def lost(self) -> int:
        """Appended items that are not in the array."""
        return self.overwritten + self.cut_off

    @property
    def is_complete(self) -> bool:
        """Whether all the appends asked for were done."""
        return self.appends == self.appends_requested

    @property
    def conclusive(self) -> bool:
        """Whether items were lost, threads met, or a lock kept them apart.

        Without findings, two or more threads must have completed all appends, and some
        append must have been interleaved unless there was a lock.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "it was stopped early; let it run to the end"
        if self.threads == 1:
            return "one thread cannot race; use two threads or more"
        if self.locked or self.interleaved:
            return None
        return "no appends were interleaved; pass more appends, or use two idle cores"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding if items were lost, with their number."""
        if not self.lost:
            return ()
        message = (
            f"{self.lost:,} of {self.appends:,} appended items are not in the array: "
            f"{self.overwritten:,} overwritten, {self.cut_off:,} cut off"
        )
        return Findings([Finding(FindingKind.WRONG_VALUE, None, message, self.lost)])

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = "locked append" if self.locked else "append without a lock"
        name += ", GIL held in each step" if self.gil == "held" else ", no GIL held"
        if not self.appends:
            return f"{name}: stopped before the first append was complete."
        if self.lost:
            return f"{name}: {self.lost:,} of {self.appends:,} items lost."
        kept = f"{name}: all {self.appends:,} items kept"
        if self.conclusive:
            return f"{kept}." if self.locked else f"{kept} in this run."
        if not self.is_complete:
            why = "it was stopped early"
        elif self.threads == 1:
            why = "one thread cannot race"
        else:
            why = "no appends were interleaved"
        return f"{kept}, but this run proves nothing: {why}."

    def _picture(self) -> Picture:
        whole = max(1, self.appends)
        fates: tuple[tuple[str, int, Tone], ...] = (
            ("kept", self.kept, "good"),
            ("overwritten", self.overwritten, "bad"),
            ("cut off", self.cut_off, "warn"),
        )
        parts = [Part(name, f"{n:,}", n / whole, tone) for name, n, tone in fates]
        note = f"{self.interleaved:,} appends were interleaved"
        lock = "with a lock" if self.locked else "without a lock"
        title = f"Append {lock}: {self.threads} threads, GIL {self.gil}"
        bar = Bar(f"{self.appends:,} appends", note, parts)
        return bars_picture(title, [bar], self.answer, unit="items")

    def body(self) -> list[Block]:
        """Return the setting, the figures, and the limits of the result."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        each = self.appends_requested // self.threads
        where = (
            "and released the GIL between the steps"
            if self.gil == "held"
            else "and let other threads run between the steps"
        )
        lock = " with a lock around all three" if self.locked else ""
        rows = [
            ("appends", f"{self.appends:,}", "completed"),
            ("  kept", f"{self.kept:,}", f"the array has length {self.length:,}"),
            ("  overwritten", f"{self.overwritten:,}", "another got the same index"),
            ("  cut off", f"{self.cut_off:,}", "the length was set back below them"),
            ("interleaved", f"{self.interleaved:,}", "another made a step in between"),
            ("elapsed", f"{self.elapsed_s:.3f} s", ""),
        ]
        blocks: list[Block] = [
            Paragraph(
                f"{threads} appended {each:,} items each in three steps (read the "
                f"length, store the item there, publish the length plus one){lock}, "
                f"{where}."
            ),
            Illustration(self._picture()),
            Table(("", "", ""), rows, align="<><"),
        ]
        if not self.is_complete:
            blocks.append(
                Paragraph(
                    f"Stopped early: {self.appends:,} of {self.appends_requested:,} "
                    "appends were done."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        if self.is_complete and self.lost and self.gil == "held":
            blocks.append(
                Paragraph(
                    "The GIL makes each step atomic, but not the three together. That "
                    "takes a lock around all three."
                )
            )
        blocks.append(Paragraph(f"{self.environment}; seed {self.seed}."))
        return blocks
