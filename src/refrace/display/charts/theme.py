"""The colours of charts in light and dark, and how a page selects them.

A chart names the light colours only.  In SVG they are attributes, so a style sheet can
replace each of them by its dark counterpart.
"""

from __future__ import annotations

from refrace.display.pictures.theme import COLOURS, by_page

__all__ = [
    "CLASS",
    "FAINT",
    "INK",
    "PALETTE",
    "PAPER",
    "SOFT",
    "chart_file_style",
    "chart_page_style",
    "dark_of",
]

CLASS = "rf-chart"
"""The class of a chart inside a page."""

INK, SOFT, FAINT, PAPER = (
    COLOURS[role][0] for role in ("ink", "soft", "faint", "paper")
)
"""Text, text of less weight and reference marks, grids, the background."""

# Blue and vermilion are from M. Okabe, K. Ito, "Color universal design", 2008; the
# others are darker than theirs, so that each is visible on white and on black paper.
_PALETTE = {
    "blue": ("#0072B2", "#6BB8F0"),
    "vermilion": ("#D55E00", "#FF8F52"),
    "teal": ("#00806A", "#4FD1B5"),
    "orange": ("#A66F00", "#F2BD54"),
    "purple": ("#A8518A", "#E7A2CE"),
    "grey": ("#767676", "#A0A6AE"),
}
PALETTE = {name: light for name, (light, _) in _PALETTE.items()}
"""The light colours of data, by name."""

_DARK = dict([*COLOURS.values(), *_PALETTE.values()])
_USED = (INK, SOFT, FAINT, PAPER, *PALETTE.values())


def dark_of(light: str) -> str:
    """Return the dark colour that replaces a light one."""
    return _DARK[light]


def chart_page_style() -> str:
    """Return the style sheet for charts inside a light or a dark page."""
    names = {light: f"--rf-c{number}" for number, light in enumerate(_USED)}
    light = "".join(f"{name}:{colour};" for colour, name in names.items())
    dark = "".join(f"{name}:{dark_of(colour)};" for colour, name in names.items())
    rules = "".join(
        f'.{CLASS} [{what}="{colour}"]{{{what}:var({name})}}'
        for colour, name in names.items()
        for what in ("fill", "stroke")
    )
    return by_page(f".{CLASS}", light, dark) + rules


def chart_file_style() -> str:
    """Return the style sheet for a file: dark if the reader's system asks for that."""
    rules = "".join(
        f'[{what}="{light}"]{{{what}:{dark_of(light)}}}'
        for light in _USED
        for what in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
