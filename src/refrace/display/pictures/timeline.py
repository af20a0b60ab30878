"""The lanes of threads over time: when each was inside, and when several were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    Anchor,
    group,
    hatched,
    line,
    rect,
    text,
    wrapped,
)

__all__ = ["Span", "timeline_picture"]

EDGE = 18
NAME = 92
WIDTH = 900
LANE = 30
GAP = 12
TICKS = 5
LONG_NS = 10_000_000
"""From this length on, the axis counts milliseconds."""


class Span(NamedTuple):
    """A time of a thread inside, in ns, and what it did."""

    thread: int
    begin_ns: int
    end_ns: int
    drops: bool
    does: str


def timeline_picture(
    title: str, verdict: str, spans: Sequence[Span], threads: int, shown: str
) -> Picture:
    """Return a lane for each thread, and one for the time with several inside.

    Parameters
    ----------
    title, verdict : str
        The line above, and the sentence below it.
    spans : sequence of Span
        At least one.
    threads : int
        The number of threads.
    shown : str
        How many of all spans these are.
    """
    begin = min(one.begin_ns for one in spans)
    end = max(one.end_ns for one in spans)
    scale = (WIDTH - EDGE - NAME - EDGE) / max(1, end - begin)

    def at(time_ns: int) -> float:
        return EDGE + NAME + (time_ns - begin) * scale

    said = wrapped(verdict, WIDTH - 2 * EDGE)
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    parts += [text(EDGE, 52 + 18 * row, words) for row, words in enumerate(said)]
    top = 72.0 + 18 * (len(said) - 1)
    together = _together(spans)
    bottom = top + (threads + 1) * (LANE + GAP)
    for lower, upper in together:
        left, right = at(lower), at(upper)
        parts.append(rect(left, top, right - left, bottom - top - GAP, "warn-pale"))
    for thread in range(threads):
        y = top + thread * (LANE + GAP)
        role = f"t{thread % 4 + 1}"
        parts.append(text(EDGE, y + 20, f"T{thread + 1}", is_bold=True))
        parts.append(line(EDGE + NAME, y + LANE, WIDTH - EDGE, y + LANE, "faint"))
        parts += [
            _span(one, at(one.begin_ns), at(one.end_ns), y, role)
            for one in spans
            if one.thread == thread
        ]
    y = top + threads * (LANE + GAP)
    parts.append(text(EDGE, y + 20, "2 or more"))
    parts += [
        group(
            [rect(at(lower), y, max(at(upper) - at(lower), 1), LANE, "warn")],
            f"two or more inside for {upper - lower:,} ns",
        )
        for lower, upper in together
    ]
    parts.append(_axis(end - begin, bottom + 4))
    legend = f"Plain: increments. Hatched: decrements. {shown}"
    parts.append(text(EDGE, bottom + 52, legend, "soft"))
    crowded = sum(upper - lower for lower, upper in together)
    each = [
        f"T{thread + 1}: {sum(one.thread == thread for one in spans)} stretches"
        for thread in range(threads)
    ]
    return Picture(
        title=title,
        description=(
            f"{verdict} {shown} {', '.join(each)}; two or more threads inside for "
            f"{crowded / 1000:,.1f} of {(end - begin) / 1000:,.1f} microseconds."
        ),
        width=WIDTH,
        height=bottom + 66,
        content="".join(parts),
    )


def _span(one: Span, left: float, right: float, y: float, role: str) -> str:
    width = max(right - left, 1.0)
    shape = rect(left, y, width, LANE, "panel", role, radius=1)
    if one.drops:
        shape += hatched(left, y, width, LANE, role, step=6)
    return group([shape], f"{one.does}: {one.end_ns - one.begin_ns:,} ns")


def _together(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the times in which at least two threads were inside."""
    ends = sorted(
        [(one.begin_ns, 1) for one in spans] + [(one.end_ns, -1) for one in spans]
    )
    inside, since, found = 0, 0, []
    for time_ns, change in ends:
        if inside < 2 <= inside + change:
            since = time_ns
        if inside >= 2 > inside + change and time_ns > since:
            found.append((since, time_ns))
        inside += change
    return found


def _axis(length_ns: int, y: float) -> str:
    parts = [line(EDGE + NAME, y, WIDTH - EDGE, y)]
    width = WIDTH - 2 * EDGE - NAME
    unit, unit_ns = ("ms", 1e6) if length_ns >= LONG_NS else ("us", 1e3)
    for tick in range(TICKS + 1):
        x = EDGE + NAME + width * tick / TICKS
        time = length_ns * tick / TICKS / unit_ns
        anchor: Anchor = "end" if tick == TICKS else "start" if tick == 0 else "middle"
        parts.append(line(x, y, x, y + 5))
        label = f"{time:,.1f} {unit}" if tick else "0"
        parts.append(text(x, y + 20, label, "soft", size=12, anchor=anchor))
    return "".join(parts)
