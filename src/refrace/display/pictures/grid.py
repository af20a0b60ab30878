"""A grid of marks: rows against columns, with the meaning of each mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from refrace.display.pictures.bars import Tone, drawn_part
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    code_width,
    number,
    prose_width,
    text,
    wrapped,
)

__all__ = ["grid_picture"]

EDGE = 18
CELL = 20
NOTE = 11.5
LEAST_WIDTH = 560


def grid_picture(
    title: str,
    said: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    meanings: Mapping[str, tuple[Tone, str]],
) -> Picture:
    """Return the grid, with the names of the columns upright.

    Parameters
    ----------
    title, said : str
        The line above and the sentence below it.
    columns : sequence of str
        Their names.
    rows : sequence of (name, marks)
        A mark for each column; ``""`` is an empty cell.
    meanings : mapping of str to (tone, meaning)
        The tone and the meaning of each mark.
    """
    names = max((code_width(name, NOTE) for name, _ in rows), default=0) + 12
    left = EDGE + names
    width = max(LEAST_WIDTH, left + CELL * len(columns) + EDGE)
    lines = wrapped(said, width - 2 * EDGE)
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    parts += [text(EDGE, 52 + 18 * row, words) for row, words in enumerate(lines)]
    heads = max((code_width(name, NOTE) for name in columns), default=0)
    y = 52.0 + 18 * len(lines) + heads + 8
    for place, name in enumerate(columns):
        x = left + CELL * place + 14
        where = f"translate({number(x)} {number(y - 6)}) rotate(-90)"
        words = text(0, 0, name, "soft", size=NOTE, is_code=True)
        parts.append(f'<g transform="{where}">{words}</g>')
    told = []
    for name, marks in rows:
        parts.append(text(EDGE, y + 14, name, size=NOTE, is_code=True))
        for place, mark in enumerate(marks):
            if mark:
                parts.append(_cell(left + CELL * place, y, mark, meanings[mark][0]))
        told.append(f"{name}: {' '.join(mark or '_' for mark in marks)}.")
        y += CELL
    y += 24
    x = float(EDGE)
    for mark, (tone, meaning) in meanings.items():
        needs = CELL + 10 + prose_width(meaning, NOTE) + 14
        if x > EDGE and x + needs > width - EDGE:
            x, y = EDGE, y + 24
        parts.append(_cell(x, y - 14, mark, tone))
        parts.append(text(x + CELL + 6, y, meaning, "soft", size=NOTE))
        x += needs
    described = f"{said} Columns: {', '.join(columns)}. {' '.join(told)}"
    return Picture(title, described, width, y + 20, "".join(parts))


def _cell(x: float, y: float, mark: str, tone: Tone) -> str:
    area = drawn_part(
        x + 1, y + 1, CELL - 2, CELL - 2, "none" if tone == "none" else tone
    )
    return area + text(
        *(x + CELL / 2, y + 14, mark),
        anchor="middle",
        is_code=True,
        is_bold=True,
        halo=f"{tone}-pale",
    )
