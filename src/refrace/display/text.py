"""Render blocks as text within 80 columns."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterable, Iterator

from refrace.display.bit_fields import drawn_text
from refrace.display.blocks import (
    Block,
    Details,
    Fitted,
    Illustration,
    Paragraph,
    Preformatted,
    Table,
    WordDrawing,
)

__all__ = ["WIDTH", "render_text", "text_parts"]

WIDTH = 80

_PIECE = re.compile(r"[^_:.]*[_:.]+|[^_:.]+")


def _paragraph(block: Paragraph) -> str:
    return textwrap.fill(
        block.text,
        WIDTH,
        initial_indent=" " * block.indent,
        subsequent_indent=" " * (block.indent + block.hang),
        break_on_hyphens=False,
    )


def _pieces(word: str, width: int) -> list[str]:
    """Return the unbreakable pieces of a word; one piece if it fits into a line."""
    if len(word) <= width:
        return [word]
    return [
        piece[at : at + width]
        for piece in _PIECE.findall(word)
        for at in range(0, len(piece), width)
    ]


def _wrapped(cell: str, width: int) -> list[str]:
    """Return the lines of a cell; long names break after ``_``, ``:`` and ``.``."""
    lines = [""]
    for word in cell.split():
        glue = " " if lines[-1] else ""
        for piece in _pieces(word, width):
            if lines[-1] and len(lines[-1]) + len(glue) + len(piece) > width:
                lines.append(piece)
            else:
                lines[-1] += glue + piece
            glue = ""
    return lines


def _table(block: Table) -> str:
    lines = [list(block.header)] if any(block.header) else []
    lines += [list(row) for row in block.rows]
    if not lines:
        return ""
    n_columns = max(len(line) for line in lines)
    widths = [
        max(len(line[c]) for line in lines if c < len(line)) for c in range(n_columns)
    ]
    wraps = [bool(limit) for limit in block.limits]
    wraps += [False] * (n_columns - len(wraps))
    for c, limit in enumerate(block.limits):
        widths[c] = min(widths[c], limit) if limit else widths[c]
    # A left-aligned last column takes the remaining width and wraps.
    room = WIDTH - 2 - sum(width + 2 for width in widths[:-1])
    if block.alignment(n_columns - 1) == "<" and widths[-1] > room > 0:
        widths[-1], wraps[-1] = room, True

    printed = [f"  {block.caption}"] if block.caption else []
    for number, line in enumerate(lines):
        cells = [
            _wrapped(cell, widths[c]) if wraps[c] else [cell]
            for c, cell in enumerate(line)
        ]
        for pieces in itertools.zip_longest(*cells, fillvalue=""):
            row = "  ".join(
                f"{piece:{block.alignment(c)}{widths[c]}}"
                for c, piece in enumerate(pieces)
            )
            printed.append(f"  {row}".rstrip())
        if number == 0 and any(block.header):
            printed.append("  " + "  ".join("-" * width for width in widths))
    return "\n".join(printed)


def _one(block: Block) -> str:
    if isinstance(block, Fitted):
        return _one(block.text)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Preformatted):
        return textwrap.indent(block.text, " " * block.indent)
    if isinstance(block, WordDrawing):
        return textwrap.indent(drawn_text(block.words), " " * block.indent)
    if isinstance(block, Paragraph):
        return _paragraph(block)
    return render_text([block])


def _is_apart(block: Block) -> bool:
    if isinstance(block, Fitted):
        return _is_apart(block.text)
    return block.apart if isinstance(block, Paragraph) else True


def _in_text(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks that text shows."""
    for block in blocks:
        if isinstance(block, Details):
            yield from _in_text(block.blocks)
        elif not isinstance(block, Illustration):
            yield block


def text_parts(blocks: Iterable[Block]) -> Iterator[tuple[Block | None, str]]:
    """Yield each block that text shows, with its text; None for an empty line."""
    previous: Block | None = None
    for block in _in_text(blocks):
        if previous is not None and (_is_apart(block) or _is_apart(previous)):
            yield None, ""
        yield block, _one(block)
        previous = block


def render_text(blocks: Iterable[Block]) -> str:
    """Return the blocks in order; empty lines surround tables and prose."""
    return "\n".join(text for _, text in text_parts(blocks))
