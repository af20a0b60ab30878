"""Blocks as plain HTML: no script, no network, no colour that carries meaning."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from refrace.display.bit_fields import drawn_html
from refrace.display.blocks import (
    Block,
    Fitted,
    Paragraph,
    Preformatted,
    Table,
    WordDrawing,
)

__all__ = ["preformatted", "render_html"]

# Pages that show results, such as those of nbconvert, set the font and no margins for
# an output; they decide everything that is not set here.
_MONOSPACE = "font-family:monospace"
_PRE = f"{_MONOSPACE};line-height:1.35;margin:0.3em 0 1.2em 2ch"
_TABLE = "margin:0.5em 0 1em 0"
_CAPTION = "text-align:left;caption-side:top;padding:0.1em 0"


def preformatted(text: str) -> str:
    """Return lines that are not wrapped, such as a program, as a ``<pre>``."""
    return f'<pre style="{_PRE}">{escape(text)}</pre>'


def _table(block: Table) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        side = "right" if block.alignment(column) == ">" else "left"
        style = f"text-align:{side};padding:0.1em 1em 0.1em 0"
        if block.is_code:
            style = f"{_MONOSPACE};{style}"
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'

    def row(tag: str, cells: Iterable[str]) -> str:
        inner = "".join(cell(tag, c, text) for c, text in enumerate(cells))
        return f"<tr>{inner}</tr>"

    style = f"{_MONOSPACE};{_CAPTION}" if block.is_code else _CAPTION
    caption = (
        f'<caption style="{style}">{escape(block.caption)}</caption>'
        if block.caption
        else ""
    )
    head = f"<thead>{row('th', block.header)}</thead>" if any(block.header) else ""
    body = "".join(row("td", cells) for cells in block.rows)
    return f'<table style="{_TABLE}">{caption}{head}<tbody>{body}</tbody></table>'


def _one(block: Block) -> str:
    if isinstance(block, Fitted):
        return _one(block.html)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Preformatted):
        return preformatted(block.text)
    if isinstance(block, WordDrawing):
        return drawn_html(block.words)
    # A token or a table that follows a paragraph belongs to it.
    style = f"margin:1em 0 0.3em {block.indent}ch"
    return f'<p style="{style}">{escape(block.text)}</p>'


def render_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as one ``<div>``; the first one, the answer, is bold."""
    first, *rest = blocks
    answer = (
        f"<p><strong>{escape(first.text)}</strong></p>"
        if isinstance(first, Paragraph)
        else _one(first)
    )
    return f'<div class="refrace">{answer}{"".join(map(_one, rest))}</div>'
