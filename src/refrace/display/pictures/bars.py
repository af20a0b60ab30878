"""Bars of parts of a whole: what became of objects, or how runs ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    Anchor,
    code_width,
    group,
    hatched,
    number,
    path,
    prose_width,
    rect,
    text,
    wrapped,
)

__all__ = ["Bar", "Part", "bars_picture", "drawn_part"]

Tone = Literal["good", "warn", "bad", "none"]
"""What a part says; each tone has its own pattern."""

EDGE = 18
WIDTH = 720
BAR = 30
NOTE = 12
SIGN = 22
AFTER = 32
BOLD = 1.1  # How much wider bold letters are, at most.


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: its name, its exact size as text, its share, 0 to 1."""

    name: str
    size: str
    share: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, a note next to the name, and the parts from left to right."""

    name: str
    note: str
    parts: Sequence[Part]


def drawn_part(x: float, y: float, width: float, height: float, tone: Tone) -> str:
    """Return the area of a part: plain, striped, dotted or empty, by its tone."""
    if tone == "none":
        return rect(x, y, width, height, "none-pale", "line", radius=2)
    area = rect(x, y, width, height, f"{tone}-pale", tone, radius=2)
    if tone == "warn":
        area += hatched(x, y, width, height, tone)
    if tone == "bad":
        area += _dotted(x, y, width, height)
    return area


def _dotted(x: float, y: float, width: float, height: float) -> str:
    commands = []
    rows, columns = int(height // 7), int(width // 7)
    for row in range(rows):
        for column in range(columns):
            at = (x + 5 + 7 * column - (row % 2) * 3, y + 5 + 7 * row)
            commands.append(f"M{number(at[0])} {number(at[1])}h2")
    return path("".join(commands), None, "bad", weight=2) if commands else ""


def bars_picture(
    title: str, bars: Sequence[Bar], verdict: str, *, unit: str
) -> Picture:
    """Return bars below each other, each with the exact sizes of its parts.

    Parameters
    ----------
    title : str
        The line above.
    bars : sequence of Bar
        At least one.
    verdict : str
        The sentence below the title.
    unit : str
        What the sizes count.
    """
    said = wrapped(verdict, WIDTH - 2 * EDGE)
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    parts += [text(EDGE, 52 + 18 * row, words) for row, words in enumerate(said)]
    y = 66.0 + 18 * len(said)
    is_beside = all(map(_fits, bars))
    for bar in bars:
        drawn, y = _drawn_bar(bar, y, is_beside=is_beside)
        parts.append(drawn)
    told = [
        f"{bar.name} ({bar.note}): " if bar.note else f"{bar.name}: " for bar in bars
    ]
    listed = [
        ", ".join(f"{part.name} {part.size}" for part in bar.parts) for bar in bars
    ]
    facts = [f"{name}{sizes} {unit}." for name, sizes in zip(told, listed, strict=True)]
    return Picture(
        title=title,
        description=" ".join([verdict, *facts]),
        width=WIDTH,
        height=y - AFTER + 16,
        content="".join(parts),
    )


def _fits(bar: Bar) -> bool:
    """Return whether the name and the note have room on one line."""
    name = prose_width(bar.name) * BOLD
    return name + 12 + prose_width(bar.note, NOTE) <= WIDTH - 2 * EDGE


def _drawn_bar(bar: Bar, y: float, *, is_beside: bool) -> tuple[str, float]:
    """Return a bar with its name above and its parts named below, and where it ends.

    The note is beside the name or below it.
    """
    full = WIDTH - 2 * EDGE
    parts = [text(EDGE, y, bar.name, is_bold=True)]
    if bar.note:
        y += 0 if is_beside else 18
        where: float
        anchor: Anchor
        where, anchor = (WIDTH - EDGE, "end") if is_beside else (EDGE, "start")
        parts.append(text(where, y, bar.note, "soft", size=NOTE, anchor=anchor))
    y += 10
    shown = [part for part in bar.parts if part.share > 0]
    x = float(EDGE)
    for part in shown:
        width = part.share * full
        area = drawn_part(x, y, max(width, 1.5), BAR, part.tone)
        parts.append(group([area], f"{part.name}: {part.size}"))
        needs = prose_width(part.name) + 12
        if width > needs:
            # No pattern behind letters.
            middle = x + width / 2
            pale = f"{part.tone}-pale"
            parts.append(rect(middle - needs / 2, y + 5, needs, BAR - 10, pale))
            parts.append(text(middle, y + 20, part.name, anchor="middle"))
        x += width
    y += BAR + 20
    at = float(EDGE)
    for part in bar.parts:
        said = f"{part.name} "
        needs = SIGN + prose_width(said) + code_width(part.size) + 18
        if at > EDGE and at + needs > WIDTH - EDGE:
            at, y = EDGE, y + 22
        parts.append(drawn_part(at, y - 11, 14, 14, part.tone))
        parts.append(text(at + SIGN, y, said))
        parts.append(
            text(
                at + SIGN + prose_width(said),
                y,
                part.size,
                is_code=True,
                is_bold=True,
            )
        )
        at += needs
    return "".join(parts), y + AFTER
