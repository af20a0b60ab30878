"""What a report consists of, before it is text or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refrace.bit_layout import Word

__all__ = ["Block", "Fitted", "Paragraph", "Preformatted", "Table", "WordDrawing"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, wrapped where they are shown.

    `indent` moves them to the right; `hang` moves all lines but the first further;
    `apart` sets them off by an empty line, as prose is.
    """

    text: str
    indent: int = 0
    hang: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines that stay as they are, such as a program or a drawing."""

    text: str
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; `align` has ``"<"`` or ``">"`` for each column.

    An empty header prints no header line.  `caption` names the table.  `limits` gives
    the most characters of each column in text, where longer cells wrap; 0 is no limit.
    With `is_code` its cells are C or a program.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str = ""
    caption: str = ""
    limits: Sequence[int] = ()
    is_code: bool = False

    def alignment(self, column: int) -> str:
        """Return ``"<"`` or ``">"``; the first column is left, the rest right."""
        if column < len(self.align):
            return self.align[column]
        return "<" if column == 0 else ">"


@dataclass(frozen=True, slots=True)
class WordDrawing:
    """Words of an object as boxes, divided into their bit fields."""

    words: Sequence[Word]
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Fitted:
    """The same twice: for the 80 columns of text, and for HTML, where there is room."""

    text: Table | Paragraph
    html: Table | Paragraph


Block = Paragraph | Preformatted | Table | WordDrawing | Fitted
