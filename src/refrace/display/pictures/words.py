"""The words of an object as boxes, divided into their bit fields."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.bit_layout import BitField, Word
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import code_width, group, line, rect, text, wrapped

__all__ = ["words_picture"]

EDGE = 18
WIDTH = 720
BOX = 30
ROW = 62
NOTE = 11


def words_picture(title: str, said: str, words: Sequence[Word]) -> Picture:
    """Return each word as a box: high bits on the left, the numbers of bits below."""
    lines = wrapped(said, WIDTH - 2 * EDGE)
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    parts += [text(EDGE, 52 + 18 * row, words_) for row, words_ in enumerate(lines)]
    left = EDGE + max(code_width(word.label) for word in words) + 14
    y = 60.0 + 18 * len(lines)
    for word in words:
        parts.append(text(EDGE, y + 20, word.label, is_code=True, is_bold=True))
        parts += _box(word, left, y)
        y += ROW if word.bits is not None else BOX + 12
    told = " ".join(f"{word.label}: {_told(word)}." for word in words)
    return Picture(title, f"{said} {told}", WIDTH, y + 4, "".join(parts))


def _told(word: Word) -> str:
    places = [f" (bits {field.place})" if field.place else "" for field in word.fields]
    return ", ".join(
        f"{field.name}{place}: {field.meaning}"
        for field, place in zip(word.fields, places, strict=True)
    )


def _widths(word: Word, room: float) -> list[float]:
    """Return the widths of the fields; one of them takes what is left."""
    needs = [
        max(code_width(field.name) + 18, code_width(field.place, NOTE) + 14)
        for field in word.fields
    ]
    spare = room - sum(needs)
    return [
        width + (spare if field.takes_rest else 0)
        for field, width in zip(word.fields, needs, strict=True)
    ]


def _box(word: Word, left: float, y: float) -> list[str]:
    room = WIDTH - EDGE - left
    parts = [rect(left, y, room, BOX, "panel", "ink")]
    x = left
    for place, (field, width) in enumerate(
        zip(word.fields, _widths(word, room), strict=True)
    ):
        if place:
            parts.append(line(x, y, x, y + BOX, "ink"))
        name = text(x + width / 2, y + 20, field.name, anchor="middle", is_code=True)
        parts.append(group([name], field.meaning))
        parts += _bits(field, x, width, y + BOX + 14)
        x += width
    return parts


def _bits(field: BitField, x: float, width: float, y: float) -> list[str]:
    if field.bits is None:
        return []
    low = text(
        x + width - 3, y, str(field.low), "soft", size=NOTE, anchor="end", is_code=True
    )
    if field.bits == 1:
        return [low]
    return [text(x + 3, y, str(field.high), "soft", size=NOTE, is_code=True), low]
