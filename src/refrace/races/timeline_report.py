"""When each thread of a race was inside, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from refrace.display.blocks import Block, Illustration, Paragraph, Preformatted, Table
from refrace.display.export.chrome_trace import Slice, chrome_trace
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.timeline import Span, timeline_picture
from refrace.display.report import Report
from refrace.findings import Finding
from refrace.races.race_report import RaceReport

__all__ = ["Stretch", "Timeline"]

DRAWN = 64
"""Columns of the drawing in text."""
MOST_DRAWN = 60
"""Stretches on display; the other forms have all of them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that a thread was inside.

    Attributes
    ----------
    thread : int
        Its number, from 0.
    begin_ns, end_ns : int
        Since the race began.
    round : int
        The first object of the phase, from 0.
    operations : int
        Increments or decrements done.
    drops : bool
        Whether they are decrements.
    """

    thread: int
    begin_ns: int
    end_ns: int
    round: int
    operations: int
    drops: bool

    def _misfit(self) -> str | None:
        return "it ends before it begins" if self.end_ns < self.begin_ns else None

    @property
    def does(self) -> str:
        """What the thread does: ``"decref x 64"``."""
        return f"{'decref' if self.drops else 'incref'} x {self.operations:,}"


@dataclass(frozen=True, slots=True)
class Timeline(Report):
    """When each thread of a race was inside: outcome of :func:`refrace.timeline`.

    Attributes
    ----------
    race : RaceReport
        The figures of the race.
    stretches : tuple of Stretch
        The times of all threads, by their beginning.
    """

    format_name: ClassVar[str] = "refrace/timeline"

    race: RaceReport
    stretches: tuple[Stretch, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of the race."""
        return self.race.findings

    @property
    def conclusive(self) -> bool:
        """Whether the race is conclusive."""
        return self.race.conclusive

    def _missing(self) -> str | None:
        return self.race._missing()

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        race = self.race
        if not race.objects:
            return race.answer
        setting = f"{race.mode}, GIL held" if race.gil == "held" else race.mode
        if race.gaps == "widened":
            setting += ", gaps widened"
        fate = f"{race.corrupted:,} of {race.objects:,} objects corrupted"
        return (
            f"{setting}: {race.threads} threads, two or more inside for "
            f"{race.overlap:.1%} of the time; {fate}."
        )

    def inside_ns(self, thread: int) -> int:
        """Return the time that a thread was inside."""
        return sum(
            one.end_ns - one.begin_ns for one in self.stretches if one.thread == thread
        )

    @property
    def _drawn(self) -> tuple[Stretch, ...]:
        return self.stretches[:MOST_DRAWN]

    def _picture(self) -> Picture:
        if not self.stretches:
            return super(Timeline, self)._picture()  # slots=True makes a new class
        spans = [
            Span(one.thread, one.begin_ns, one.end_ns, one.drops, one.does)
            for one in self._drawn
        ]
        return timeline_picture(
            f"When each thread was inside: {self.race.mode}, GIL {self.race.gil}",
            self.answer,
            spans,
            self.race.threads,
            self._shown(),
        )

    def _shown(self) -> str:
        n, all_of = len(self._drawn), len(self.stretches)
        return (
            f"All {all_of} stretches."
            if n == all_of
            else (f"The first {n} of {all_of:,} stretches.")
        )

    def chrome_trace(self) -> str:
        """Return the timeline in the trace format of Chrome, as JSON.

        https://ui.perfetto.dev and chrome://tracing open it: a lane for each thread, a
        slice for each stretch, and the number of threads inside as a counter.
        """
        race = self.race
        return chrome_trace(
            f"refrace: {race.mode}, GIL {race.gil}",
            [f"T{thread + 1}" for thread in range(race.threads)],
            [
                Slice(
                    one.thread,
                    one.does,
                    one.begin_ns,
                    one.end_ns,
                    {"round": one.round, "operations": one.operations},
                )
                for one in self.stretches
            ],
            {
                "answer": self.answer,
                "mode": race.mode,
                "gil": race.gil,
                "gaps": race.gaps,
                "seed": str(race.seed),
                "objects": race.objects,
                "corrupted": race.corrupted,
                "environment": str(race.environment),
            },
            counter="threads inside",
        )

    def body(self) -> list[Block]:
        """Return the drawing, the figures of each thread, and the limits."""
        race = self.race
        blocks: list[Block] = []
        if self.stretches:
            blocks.append(Illustration(self._picture()))
            blocks.append(Preformatted(self._lanes()))
            blocks.append(
                Paragraph(
                    f"+: increments, -: decrements, space: outside. {self._shown()}"
                )
            )
        rows = [
            (
                f"T{thread + 1}",
                f"{sum(one.thread == thread for one in self.stretches):,}",
                f"{self.inside_ns(thread) / 1000:,.1f} us",
            )
            for thread in range(race.threads)
        ]
        blocks.append(Table(("thread", "stretches", "inside"), rows))
        blocks.append(
            Paragraph(
                f"{race.objects:,} objects: {race.intact:,} intact, {race.leaked:,} "
                f"leaked, {race.freed_early:,} freed early; {race.lost_updates:,} "
                f"updates lost in {race.operations:,} operations."
            )
        )
        blocks.append(
            Paragraph(
                "A stretch includes the time in which the system had taken the thread "
                "off its core. "
                f"{race.environment}; seed {race.seed}."
            )
        )
        if not self.conclusive:
            blocks.insert(0, Paragraph(self._reason()))
        return blocks

    def _lanes(self) -> str:
        """Return a line of text for each thread, and the scale."""
        drawn = self._drawn
        begin = min(one.begin_ns for one in drawn)
        end = max(one.end_ns for one in drawn)
        width = max(1, end - begin)
        lanes: list[Any] = [[" "] * DRAWN for _ in range(self.race.threads)]
        for one in drawn:
            first = (one.begin_ns - begin) * DRAWN // width
            last = max(first + 1, -(-(one.end_ns - begin) * DRAWN // width))
            mark = "-" if one.drops else "+"
            for column in range(first, min(last, DRAWN)):
                lanes[one.thread][column] = mark
        name = len(f"T{self.race.threads}")
        lines = [
            f"{f'T{place + 1}':<{name}} |{''.join(lane)}|"
            for place, lane in enumerate(lanes)
        ]
        scale = f"{width / 1000:,.1f} us"
        lines.append(f"{'':<{name}} |<{scale:-^{DRAWN - 2}}>|")
        return "\n".join(lines)
