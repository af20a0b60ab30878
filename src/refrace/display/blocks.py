"""The blocks of a report, before they are rendered as text or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refrace.bit_layout import Word
    from refrace.display.pictures.picture import Picture

__all__ = [
    "Block",
    "Details",
    "Fitted",
    "Illustration",
    "Paragraph",
    "Preformatted",
    "Table",
    "WordDrawing",
]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that the renderer wraps.

    `indent` indents all lines; `hang` indents all lines but the first further; `apart`
    puts empty lines around the paragraph, as around prose.
    """

    text: str
    indent: int = 0
    hang: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines that are not wrapped, such as a program or a drawing."""

    text: str
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; `align` has ``"<"`` or ``">"`` for each column.

    An empty header prints no header line.  `caption` is the title.  `limits` are the
    maximum widths of the columns in text, where longer cells wrap; 0 is no limit.  With
    `is_code` the cells are C or a program.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str = ""
    caption: str = ""
    limits: Sequence[int] = ()
    is_code: bool = False

    def alignment(self, column: int) -> str:
        """Return ``"<"`` or ``">"``; by default only the first column is left."""
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
    """One block in two forms: for 80 columns of text, and for HTML without a limit."""

    text: Table | Paragraph
    html: Table | Paragraph


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture in HTML.  It adds no fact, so text does without it."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks that HTML shows when the reader opens them; text shows only the blocks."""

    summary: str
    blocks: Sequence[Block]


Block = Paragraph | Preformatted | Table | WordDrawing | Fitted | Illustration | Details
