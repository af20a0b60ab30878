"""Measured values as bars with their quartiles, in panels with one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from refrace.display.pictures.bars import Tone, drawn_part
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    code_width,
    group,
    line,
    prose_width,
    text,
    wrapped,
)

__all__ = ["Measure", "Panel", "measures_picture"]

EDGE = 18
WIDTH = 760
ROW = 26
NOTE = 11.5


@dataclass(frozen=True, slots=True)
class Measure:
    """A row: its name, its value as a bar and as text, its quartiles, and a note."""

    name: str
    value: float
    shown: str
    note: str = ""
    low: float | None = None
    high: float | None = None
    tone: Tone = "none"


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows with a common title."""

    title: str
    rows: Sequence[Measure] = field(default=())


def measures_picture(
    title: str,
    panels: Sequence[Panel],
    *,
    scale: str,
    is_log: bool = False,
    marks: Sequence[tuple[float, str]] = (),
    said: str = "",
) -> Picture:
    """Return panels below each other, all with the same scale.

    Parameters
    ----------
    title, said : str
        The line above, and the sentence below it.
    panels : sequence of Panel
        With at least one row in all.
    scale : str
        What the length of a bar shows.
    is_log : bool
        Whether the scale is logarithmic; bars then begin left of the least value.
    marks : sequence of (value, name)
        Values with a vertical line.
    """
    drawing = _Measures(panels, is_log, [value for value, _ in marks])
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    lines = wrapped(said, WIDTH - 2 * EDGE) if said else []
    parts += [text(EDGE, 52 + 18 * row, words) for row, words in enumerate(lines)]
    y = 58.0 + 18 * len(lines)
    how = f"{scale}{', logarithmic scale' if is_log else ''}"
    legend = [f"length: {how}", *(f"dashed: {name}" for _, name in marks)]
    if any(row.low is not None for panel in panels for row in panel.rows):
        legend.append("line: quartiles")
    parts.append(text(EDGE, y, "; ".join(legend) + ".", "soft", size=NOTE))
    y += 14
    for panel in panels:
        y += 22
        parts.append(text(EDGE, y, panel.title, is_bold=True))
        y += 10
        drawn = [drawing.row(row, y + ROW * n) for n, row in enumerate(panel.rows)]
        parts += [
            line(
                drawing.at(value),
                y - 2,
                drawing.at(value),
                y + ROW * len(drawn),
                dash="4 3",
            )
            for value, _ in marks
        ]
        parts += drawn
        y += ROW * len(drawn) + 8
    return Picture(title, _told(panels, how, said), WIDTH, y + 12, "".join(parts))


def _told(panels: Sequence[Panel], how: str, said: str) -> str:
    rows = [
        f"{panel.title}: "
        + "; ".join(
            f"{row.name} {row.shown}{f', {row.note}' if row.note else ''}"
            for row in panel.rows
        )
        + "."
        for panel in panels
    ]
    return " ".join([f"{said} Bars show {how}.".strip(), *rows])


class _Measures:
    """The columns and the scale that all panels share."""

    def __init__(
        self, panels: Sequence[Panel], is_log: bool, marks: list[float]
    ) -> None:
        rows = [row for panel in panels for row in panel.rows]
        self.names = max(code_width(row.name) for row in rows) + 14
        self.left = EDGE + self.names
        shown = max(code_width(row.shown, 13) for row in rows) + 14
        notes = max(prose_width(row.note, NOTE) for row in rows)
        self.right = max(self.left + 120, WIDTH - EDGE - shown - notes - 18)
        self.shown = shown
        values = [
            value for row in rows for value in (row.value, row.high, row.low) if value
        ]
        values += marks
        self.is_log = is_log
        self.most = max(values, default=1.0)
        self.least = min((value for value in values if value > 0), default=1.0) / 2

    def at(self, value: float) -> float:
        """Return the position of a value."""
        room = self.right - self.left
        if not self.is_log:
            return self.left + room * max(0.0, value) / (self.most or 1.0)
        if value <= 0:
            return self.left
        whole = math.log(self.most / self.least)
        return self.left + room * math.log(value / self.least) / whole

    def row(self, row: Measure, y: float) -> str:
        """Return one row: name, bar, quartiles, value, note."""
        end = self.at(row.value)
        parts = [
            text(EDGE, y + 14, row.name, is_code=True),
            drawn_part(self.left, y + 3, max(1.5, end - self.left), 14, row.tone),
        ]
        if row.low is not None and row.high is not None:
            low, high = self.at(row.low), self.at(row.high)
            parts += [
                line(low, y + 10, high, y + 10, "ink", weight=2),
                *(line(x, y + 6, x, y + 14, "ink", weight=2) for x in (low, high)),
            ]
        parts.append(
            text(self.right + 10, y + 14, row.shown, is_code=True, is_bold=True)
        )
        if row.note:
            parts.append(
                text(self.right + 10 + self.shown, y + 14, row.note, "soft", size=NOTE)
            )
        return group(parts)
