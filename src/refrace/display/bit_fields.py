"""Draw words as bit fields: high bits on the left, bit numbers below."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from refrace.bit_layout import BitField, Word

__all__ = ["BOX_WIDTH", "drawn_html", "drawn_text"]

BOX_WIDTH = 58
"""Columns of a box, including its bars."""

_CELL = "border:1px solid;text-align:center;padding:0.1em 0"
_SIDE = {"left": "text-align:left", "right": "text-align:right"}


def _least(field: BitField) -> int:
    """Return the number of columns that a field needs between its bars."""
    numbers = len(field.place)  # the dash separates the two numbers
    return max(len(field.name) + 2, numbers)


def _widths(word: Word) -> list[int]:
    """Return the columns between the bars; the `rest` field takes what is left."""
    widths = [_least(field) for field in word.fields]
    left = BOX_WIDTH - 1 - sum(width + 1 for width in widths)
    for place, field in enumerate(word.fields):
        if field.takes_rest:
            widths[place] += left
    return widths


def _numbers(field: BitField) -> tuple[str, str]:
    """Return the numbers of the highest and lowest bit; a single bit only once."""
    if field.bits is None:
        return "", ""
    return ("" if field.bits == 1 else str(field.high)), str(field.low)


def drawn_text(words: Sequence[Word]) -> str:
    """Return each word as a box with its fields, with the bit numbers below."""
    margin = max(len(word.label) for word in words) + 1
    lines = []
    for word in words:
        widths = _widths(word)
        cells = [
            f" {field.name}".ljust(width)
            for field, width in zip(word.fields, widths, strict=True)
        ]
        lines.append(f"{word.label:{margin}}|{'|'.join(cells)}|")
        if word.bits is not None:
            scale = []
            for field, width in zip(word.fields, widths, strict=True):
                high, low = _numbers(field)
                scale.append(high + low.rjust(width - len(high)))
            lines.append(" " * (margin + 1) + " ".join(scale))
    return "\n".join(lines)


def drawn_html(words: Sequence[Word]) -> str:
    """Return the same as a table; each cell is as wide as its field in text."""
    margin = max(len(word.label) for word in words) + 1
    columns = (
        f'<col style="width:{margin}ch"><col span="{BOX_WIDTH}" style="width:1ch">'
    )
    rows = "".join(_html_rows(word) for word in words)
    style = "table-layout:fixed;border-collapse:collapse"
    return f'<table style="{style}"><colgroup>{columns}</colgroup>{rows}</table>'


def _html_rows(word: Word) -> str:
    cells, scale = [], []
    # One more column for each bar; the first bar is at the left end.
    spans = [width + 1 for width in _widths(word)]
    spans[0] += 1
    for field, span in zip(word.fields, spans, strict=True):
        cells.append(
            f'<td colspan="{span}" style="{_CELL}" title="{escape(field.meaning)}">'
            f"{escape(field.name)}</td>"
        )
        high, low = _numbers(field)
        left = span // 2
        scale.append(
            f'<td colspan="{left}" style="{_SIDE["left"]}">{high}</td>'
            f'<td colspan="{span - left}" style="{_SIDE["right"]}">{low}</td>'
        )
    name = f'<th style="{_SIDE["left"]}">{escape(word.label)}</th>'
    rows = f"<tr>{name}{''.join(cells)}</tr>"
    if word.bits is not None:
        rows += f"<tr><td></td>{''.join(scale)}</tr>"
    return rows
