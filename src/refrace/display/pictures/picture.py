"""`Picture`: a drawing of a result that can be displayed and saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from refrace._base.arguments import check_choice
from refrace.display.pictures.files import PICTURE_SUFFIXES, check_file, png
from refrace.display.pictures.shapes import clean, number, rect
from refrace.display.pictures.theme import COLOURS, Theme, file_style, page_style

__all__ = ["Picture"]

_XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
_THEMES = ("auto", "light", "dark")
LEAST = 0.7
"""How far a picture in a page shrinks: its letters then have 9 pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a result as SVG; it needs no network and no other package.

    In a notebook it displays itself, in the theme of the page.  ``str(picture)`` is its
    description in words.

    Attributes
    ----------
    title : str
        What it shows, in one line.
    description : str
        The same facts in words, for readers who do not see it.
    width, height : float
        Its size in pixels.
    content : str
        The shapes, as SVG elements.
    """

    title: str
    description: str
    width: float
    height: float
    content: str

    def svg(self, theme: Theme = "auto") -> str:
        """Return the picture as a complete SVG document.

        Parameters
        ----------
        theme : {"auto", "light", "dark"}
            ``"auto"`` (default): dark where the reader's system asks for dark pages.

        Raises
        ------
        InvalidArgument
            If there is no such theme.
        """
        check_choice("theme", theme, _THEMES)
        if theme == "auto":
            return self._element(_XMLNS, f"<style>{file_style()}</style>")
        element = self._element(_XMLNS)
        if theme == "dark":
            for light, dark in COLOURS.values():
                element = element.replace(f'"{light}"', f'"\0{dark}"')
            element = element.replace('"\0', '"')
        return element

    def inline(self) -> str:
        """Return the SVG element for a page that has :func:`page_style`.

        On a phone it scrolls, in an element that can, and does not shrink until it
        cannot be read.
        """
        least = f"min-width:{number(LEAST * self.width)}px;"
        return self._element('class="rf"', limits=least)

    def _element(self, attributes: str, style: str = "", *, limits: str = "") -> str:
        width, height = number(self.width), number(self.height)
        # Its own background makes it legible on every page.
        paper = rect(
            *(0.5, 0.5, self.width - 1, self.height - 1),
            *("paper", "faint"),
            radius=6,
            weight=1,
        )
        return (
            f'<svg {attributes} role="img" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'style="{limits}max-width:100%;height:auto" '
            f'aria-label="{clean(self.title)}">'
            f"<title>{clean(self.title)}</title><desc>{clean(self.description)}</desc>"
            f"{style}{paper}{self.content}</svg>"
        )

    def save(self, path: str | Path) -> None:
        """Write the picture to a file.

        Parameters
        ----------
        path : str or Path
            Its suffix selects the format: ``.svg``, ``.html``, or ``.png``, which needs
            ``pip install 'refrace[plot]'``.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If it is no path, the suffix is another one, or the folder does not exist.
        MissingPackage
            If the package for ``.png`` is not installed.
        OSError
            If the file cannot be written.
        """
        checked = check_file(path, PICTURE_SUFFIXES)
        if checked.suffix.lower() == ".png":
            checked.write_bytes(png(self.svg("light")))
        else:
            is_page = checked.suffix.lower() == ".html"
            text = self._page() if is_page else self.svg()
            checked.write_text(text, encoding="utf-8")

    def _page(self) -> str:
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{clean(self.title)}</title>"
            f"<style>:root{{color-scheme:light dark}}{page_style()}</style></head>"
            f'<body><div style="overflow-x:auto">{self.inline()}</div></body></html>'
        )

    def __str__(self) -> str:
        return f"{self.title}\n{self.description}"

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_html_(self) -> str:
        style = f"<style>{page_style()}</style>"
        return f'<div style="overflow-x:auto">{style}{self.inline()}</div>'
