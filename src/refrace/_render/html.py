"""Blocks as plain HTML: no script, no network, no colour that carries meaning."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from refrace._render.bit_fields import drawn_html
from refrace._render.blocks import (
    Block,
    Fitted,
    Paragraph,
    Preformatted,
    Table,
    WordDrawing,
)

__all__ = ["render_html"]


def _table(block: Table) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        side = "right" if block.alignment(column) == ">" else "left"
        style = f"text-align:{side};padding:0.1em 1em 0.1em 0"
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'

    def row(tag: str, cells: Iterable[str]) -> str:
        inner = "".join(cell(tag, c, text) for c, text in enumerate(cells))
        return f"<tr>{inner}</tr>"

    caption = (
        f'<caption style="text-align:left">{escape(block.caption)}</caption>'
        if block.caption
        else ""
    )
    head = f"<thead>{row('th', block.header)}</thead>" if any(block.header) else ""
    body = "".join(row("td", cells) for cells in block.rows)
    return f"<table>{caption}{head}<tbody>{body}</tbody></table>"


def _one(block: Block) -> str:
    if isinstance(block, Fitted):
        return _one(block.html)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Preformatted):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, WordDrawing):
        return drawn_html(block.words)
    margin = f' style="margin-left:{block.indent}ch"' if block.indent else ""
    return f"<p{margin}>{escape(block.text)}</p>"


def render_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as one ``<div>``; the first one, the answer, is bold."""
    first, *rest = blocks
    answer = (
        f"<p><strong>{escape(first.text)}</strong></p>"
        if isinstance(first, Paragraph)
        else _one(first)
    )
    return f'<div class="refrace">{answer}{"".join(map(_one, rest))}</div>'
