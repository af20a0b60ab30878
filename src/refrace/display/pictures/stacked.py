"""Several pictures below each other as one."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import line, number

__all__ = ["stacked"]

BETWEEN = 12


def stacked(title: str, pictures: Sequence[Picture]) -> Picture:
    """Return one picture of all, from the top down; at least one."""
    width = max(picture.width for picture in pictures)
    parts, y = [], 0.0
    for place, picture in enumerate(pictures):
        if place:
            parts.append(line(0, y + BETWEEN / 2, width, y + BETWEEN / 2, "faint"))
            y += BETWEEN
        moved = f'<g transform="translate(0 {number(y)})">'
        parts.append(f"{moved}{picture.content}</g>")
        y += picture.height
    told = " ".join(f"{picture.title}: {picture.description}" for picture in pictures)
    return Picture(title, f"{title} {told}", width, y, "".join(parts))
