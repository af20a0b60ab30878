"""The colours of pictures and pages, in light and dark, and how a page selects them.

A shape names roles, never colours: `f-ROLE` fills it and `s-ROLE` strokes it.  The
light colour is also an attribute, for programs that ignore style sheets.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "CODE",
    "COLOURS",
    "PROSE",
    "Theme",
    "by_page",
    "colour",
    "file_style",
    "page_style",
]

Theme = Literal["auto", "light", "dark"]
"""``"auto"`` follows the page, or else the setting of the reader's system."""

COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#15181e"),
    "panel": ("#f2f4f7", "#222832"),
    "ink": ("#1b1f24", "#eceff3"),
    "soft": ("#505a66", "#aeb7c2"),
    "line": ("#7d8792", "#7f8995"),
    "faint": ("#d5dae0", "#3a424e"),
    # The threads, in turn.
    "t1": ("#0b57a4", "#84bdff"),
    "t2": ("#8a2b8f", "#e7a2ee"),
    "t3": ("#00665c", "#52d3c4"),
    "t4": ("#7a4b00", "#eab55a"),
    # What a result says; a pale role is an area under text.
    "good": ("#17653a", "#72d394"),
    "good-pale": ("#d9f0e1", "#1e4630"),
    "warn": ("#7d4c00", "#f2bd54"),
    "warn-pale": ("#fbe7bf", "#51401a"),
    "bad": ("#ad1f17", "#ff978f"),
    "bad-pale": ("#fbdcd8", "#592624"),
    "none-pale": ("#e4e7eb", "#363d48"),
}
"""The light and the dark colour of each role."""

CODE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
PROSE = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"

# How the pages that show results say which theme they have: Jupyter, Sphinx with furo,
# VS Code, marimo.
_LIGHT_PAGES = (
    '[data-jp-theme-light="true"]',
    '[data-theme="light"]',
    ".vscode-light",
    "body.light",
)
_DARK_PAGES = (
    '[data-jp-theme-light="false"]',
    '[data-theme="dark"]',
    ".vscode-dark",
    ".vscode-high-contrast",
    "body.dark",
    "body.dark-theme",
)


def colour(role: str, theme: Theme) -> str:
    """Return the colour of a role; the light one for ``"auto"``."""
    return COLOURS[role][theme == "dark"]


def _variables(theme: Theme) -> str:
    return "".join(f"--rf-{role}:{colour(role, theme)};" for role in COLOURS)


def by_page(selector: str, light: str, dark: str) -> str:
    """Return a style sheet that gives elements other declarations on dark pages.

    A page is dark if it says so, or if it says nothing and the reader's system asks for
    dark pages.
    """
    on_light = ",".join(f"{page} {selector}" for page in _LIGHT_PAGES)
    on_dark = ",".join(f"{page} {selector}" for page in _DARK_PAGES)
    return (
        f"{selector}{{{light}}}"
        f"@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"
        f"{on_light}{{{light}}}"
        f"{on_dark}{{{dark}}}"
    )


def page_style() -> str:
    """Return the style sheet for pictures and results inside a page."""
    roles = "".join(
        f".rf .f-{role}{{fill:var(--rf-{role})}}"
        f".rf .s-{role}{{stroke:var(--rf-{role})}}"
        for role in COLOURS
    )
    return by_page(".rf", _variables("light"), _variables("dark")) + roles


def file_style() -> str:
    """Return the style sheet for a picture in a file of its own.

    Its shapes have the light colours as attributes.
    """
    rules = "".join(
        f".f-{role}{{fill:{dark}}}.s-{role}{{stroke:{dark}}}"
        for role, (_, dark) in COLOURS.items()
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
