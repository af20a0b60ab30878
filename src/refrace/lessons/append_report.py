"""What became of items that threads appended to one array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind

__all__ = ["AppendReport"]


@dataclass(frozen=True, slots=True)
class AppendReport(Report):
    """Outcome of :func:`refrace.lost_append`.

    The item of every completed append is exactly one of kept, overwritten, cut off.

    Attributes
    ----------
    threads : int
        Threads that appended.
    gil : {"held", "released"}
        Whether each step ran with the GIL held.
    locked : bool
        Whether a lock stood around the three steps of an append.
    seed : int
        Seed of the choice between which steps a thread lets another one run; threads
        still run as the machine schedules them.
    appends : int
        Appends completed, by all threads; fewer than `appends_requested` after an
        interrupt.
    appends_requested : int
        Appends asked for, by all threads.
    kept : int
        Items in the array at the end.
    overwritten : int
        Items that are nowhere: another append was given the same index, and stored
        there later.
    cut_off : int
        Items that are stored where they belong, but beyond the end of the array: an
        append that had read the length long before set it back.
    length : int
        Length of the array at the end.
    interleaved : int
        Appends between whose steps another thread made a step of its own.
    elapsed_s : float
        Wall time from the first step to the last, in seconds.
    environment : Environment
        Where it ran.

    Notes
    -----
    A lost item happened.  That none was lost without a lock is no proof; that none is
    lost with one is what the lock is for: no append is interleaved.
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
            return "the appends are not as many as the kept, overwritten and cut off"
        if self.appends > self.appends_requested:
            return "more appends were completed than asked for"
        return None

    @property
    def lost(self) -> int:
        """Items that were appended and are not in the array."""
        return self.overwritten + self.cut_off

    @property
    def is_complete(self) -> bool:
        """Whether all the appends asked for were done."""
        return self.appends == self.appends_requested

    @property
    def conclusive(self) -> bool:
        """Whether items were lost, or threads met, or were kept apart by a lock.

        Without findings, all appends asked for must be done by two threads or more,
        and a thread must have come between the steps of another's append, unless a
        lock stood around the steps.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "it was stopped early; let it run to its end"
        if self.threads == 1:
            return "one thread has no rival; use two threads or more"
        if self.locked or self.interleaved:
            return None
        return "no two threads met; ask for more appends, or use two idle cores"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding if items were lost, with their number."""
        if not self.lost:
            return ()
        message = (
            f"{self.lost:,} of {self.appends:,} appended items are not in the array: "
            f"{self.overwritten:,} overwritten, {self.cut_off:,} cut off"
        )
        return (Finding(FindingKind.WRONG_VALUE, None, message, self.lost),)

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
            why = "one thread has no rival"
        else:
            why = "no two threads met"
        return f"{kept}, but this run proves nothing: {why}."

    def body(self) -> list[Block]:
        """Return the setting, the numbers, and what the run does not say."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        each = self.appends_requested // self.threads
        where = (
            "and gave the GIL up between the steps"
            if self.gil == "held"
            else "and let the others run between the steps"
        )
        lock = ", a lock around the three" if self.locked else ""
        rows = [
            ("appends", f"{self.appends:,}", "completed"),
            ("  kept", f"{self.kept:,}", f"the array has length {self.length:,}"),
            ("  overwritten", f"{self.overwritten:,}", "another got the same index"),
            ("  cut off", f"{self.cut_off:,}", "the length was set back below them"),
            ("interleaved", f"{self.interleaved:,}", "another stepped in between"),
            ("elapsed", f"{self.elapsed_s:.3f} s", ""),
        ]
        blocks: list[Block] = [
            Paragraph(
                f"{threads} appended {each:,} items each in three steps (read the "
                f"length, store the item there, publish the length plus one){lock}, "
                f"{where}."
            ),
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
                    "The GIL makes each step indivisible, not the three together; only "
                    "a lock around them does."
                )
            )
        blocks.append(Paragraph(f"{self.environment}; seed {self.seed}."))
        return blocks
