"""Blocks as plain HTML: no script, no network, no meaning by colour alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from refrace.display.bit_fields import drawn_html
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
from refrace.display.pictures.theme import page_style

__all__ = ["Html", "preformatted", "prose", "render_html"]

# Pages that show results, such as those of nbconvert, set the font and no margins for
# an output; they decide everything that is not set here.
# A long word, such as an address, is broken rather than made to widen a page.
_ALL = "overflow-wrap:break-word"
_MONOSPACE = "font-family:monospace"
_PRE = f"{_MONOSPACE};line-height:1.35;margin:0.3em 0 1.2em 2ch;overflow-x:auto"
_TABLE = "margin:0.5em 0 1em 0"
_PICTURE = "margin:0.6em 0;overflow-x:auto"
_SUMMARY = "cursor:pointer"
_CAPTION = "text-align:left;caption-side:top;padding:0.1em 0"


@dataclass(frozen=True)
class Html:
    """HTML that a notebook displays as it is."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


def prose(text: str) -> str:
    """Return a sentence as HTML, with what is in backticks as code."""
    return re.sub(r"(`+)([^`\n]+)\1", r"<code>\2</code>", escape(text))


def preformatted(text: str) -> str:
    """Return lines that are not wrapped, such as a program, as a ``<pre>``."""
    return f'<pre style="{_PRE}">{escape(text)}</pre>'


def _table(block: Table) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        side = "right" if block.alignment(column) == ">" else "left"
        style = f"text-align:{side};padding:0.1em 1em 0.1em 0"
        if block.is_code:
            style = f"{_MONOSPACE};{style}"
        content = escape(text) if block.is_code else prose(text)
        return f'<{tag} style="{style}">{content}</{tag}>'

    def row(tag: str, cells: Iterable[str]) -> str:
        inner = "".join(cell(tag, c, text) for c, text in enumerate(cells))
        return f"<tr>{inner}</tr>"

    style = f"{_MONOSPACE};{_CAPTION}" if block.is_code else _CAPTION
    caption = (
        f'<caption style="{style}">{prose(block.caption)}</caption>'
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
    if isinstance(block, Illustration):
        return f'<div style="{_PICTURE}">{block.picture.inline()}</div>'
    if isinstance(block, Details):
        inner = "".join(map(_one, block.blocks))
        summary = f'<summary style="{_SUMMARY}">{prose(block.summary)}</summary>'
        return f'<details style="{_PICTURE}">{summary}{inner}</details>'
    # A token or a table that follows a paragraph belongs to it.
    style = f"margin:1em 0 0.3em {block.indent}ch"
    return f'<p style="{style}">{prose(block.text)}</p>'


def render_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as one ``<div>``; the first one, the answer, is bold.

    If there are pictures, it has the style sheet for them.
    """
    first, *rest = blocks
    style = f"<style>{page_style()}</style>" if any(map(_is_drawn, rest)) else ""
    answer = (
        f"<p><strong>{prose(first.text)}</strong></p>"
        if isinstance(first, Paragraph)
        else _one(first)
    )
    content = answer + "".join(map(_one, rest)) + style
    return f'<div class="refrace" style="{_ALL}">{content}</div>'


def _is_drawn(block: Block) -> bool:
    if isinstance(block, Details):
        return any(map(_is_drawn, block.blocks))
    return isinstance(block, Illustration)
