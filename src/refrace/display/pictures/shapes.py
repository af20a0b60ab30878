"""The elements of a picture as SVG text, with roles for colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Literal

from refrace.display.pictures.theme import CODE, PROSE, colour

__all__ = [
    "Anchor",
    "arrow_head",
    "code_width",
    "group",
    "hatched",
    "line",
    "path",
    "prose_width",
    "rect",
    "text",
    "wrapped",
]

Anchor = Literal["start", "middle", "end"]

SIZE = 13
"""Height of the letters in pixels, unless a call says otherwise."""

# Widths as a share of the height: fixed for code; wide for prose, whose font the system
# chooses.
CODE_SHARE = 0.605
PROSE_SHARE = 0.56

# XML allows no control characters, not even escaped.
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# Code in prose; `refrace.display.html.prose` has the same.
_CODE = re.compile(r"(`+)([^`\n]+)\1")


def clean(content: str) -> str:
    """Return text that can stand in XML."""
    return escape(_NOT_IN_XML.sub("\ufffd", content))


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def code_width(content: str, size: float = SIZE) -> float:
    """Return the width of text in the font of code."""
    return len(content) * size * CODE_SHARE


def prose_width(content: str, size: float = SIZE) -> float:
    """Return an upper estimate of the width of text in the font of prose."""
    return len(content) * size * PROSE_SHARE


def wrapped(content: str, width: float, size: float = SIZE) -> list[str]:
    """Return the lines of prose within a width; long words are broken.

    The backticks around code are left out: a line of a picture has one font.
    """
    most = max(8, int(width / (size * PROSE_SHARE)))
    lines = [""]
    for word in _CODE.sub(r"\2", content).split():
        for at in range(0, len(word), most):
            piece = word[at : at + most]
            glue = " " if lines[-1] and at == 0 else ""
            if lines[-1] and len(lines[-1]) + len(glue) + len(piece) > most:
                lines.append(piece)
            else:
                lines[-1] += glue + piece
    return lines


def _paint(fill: str | None, stroke: str | None) -> str:
    """Return the class and the attributes for the roles of a shape."""
    roles = [f"f-{fill}"] if fill else []
    roles += [f"s-{stroke}"] if stroke else []
    named = f' class="{" ".join(roles)}"' if roles else ""
    filled = f' fill="{colour(fill, "light") if fill else "none"}"'
    stroked = f' stroke="{colour(stroke, "light")}"' if stroke else ""
    return f"{named}{filled}{stroked}"


def text(
    x: float,
    y: float,
    content: str,
    role: str = "ink",
    *,
    size: float = SIZE,
    anchor: Anchor = "start",
    is_code: bool = False,
    is_bold: bool = False,
    halo: str = "",
) -> str:
    """Return a line of text; a `halo` of a role keeps it legible on top of lines."""
    parts = [
        f'<text x="{number(x)}" y="{number(y)}"{_paint(role, halo or None)}',
        f' font-family="{CODE if is_code else PROSE}" font-size="{number(size)}"',
    ]
    if halo:
        parts.append(' stroke-width="4" stroke-linejoin="round" paint-order="stroke"')
    if anchor != "start":
        parts.append(f' text-anchor="{anchor}"')
    if is_bold:
        parts.append(' font-weight="bold"')
    if is_code:
        parts.append(' xml:space="preserve"')
    parts.append(f">{clean(content)}</text>")
    return "".join(parts)


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str | None = None,
    stroke: str | None = None,
    *,
    radius: float = 3,
    weight: float = 1.5,
    title: str = "",
) -> str:
    """Return a rectangle; its `title` is shown by the pointer."""
    shape = (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" '
        f'height="{number(height)}" rx="{number(radius)}"{_paint(fill, stroke)}'
    )
    if stroke:
        shape += f' stroke-width="{number(weight)}"'
    return f"{shape}><title>{clean(title)}</title></rect>" if title else f"{shape}/>"


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    role: str = "line",
    *,
    weight: float = 1.5,
    dash: str = "",
) -> str:
    """Return a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" '
        f'y2="{number(y2)}"{_paint(None, role)} stroke-width="{number(weight)}"'
        f"{dashes}/>"
    )


def path(
    commands: str,
    fill: str | None = None,
    stroke: str | None = None,
    *,
    weight: float = 1.5,
    dash: str = "",
) -> str:
    """Return a path of SVG commands."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    width = f' stroke-width="{number(weight)}"' if stroke else ""
    return f'<path d="{commands}"{_paint(fill, stroke)}{width}{dashes}/>'


def arrow_head(
    x: float, y: float, towards: Literal["left", "right", "down"], role: str
) -> str:
    """Return the head of an arrow whose tip is at a point."""
    a, b = 7, 4
    points = {
        "left": ((x + a, y - b), (x + a, y + b)),
        "right": ((x - a, y - b), (x - a, y + b)),
        "down": ((x - b, y - a), (x + b, y - a)),
    }[towards]
    ends = " ".join(f"L{number(px)} {number(py)}" for px, py in points)
    return path(f"M{number(x)} {number(y)} {ends} Z", fill=role)


def hatched(
    x: float, y: float, width: float, height: float, role: str, *, step: float = 7
) -> str:
    """Return diagonal lines that fill a rectangle; patterns would need ids."""
    commands = []
    offset = step
    while offset < width + height:
        x1, y1 = (offset, 0.0) if offset <= width else (width, offset - width)
        x2, y2 = (0.0, offset) if offset <= height else (offset - height, height)
        commands.append(
            f"M{number(x + x1)} {number(y + y1)}L{number(x + x2)} {number(y + y2)}"
        )
        offset += step
    return path("".join(commands), stroke=role, weight=1) if commands else ""


def group(parts: Iterable[str], title: str = "") -> str:
    """Return elements as one; its `title` is shown by the pointer."""
    named = f"<title>{clean(title)}</title>" if title else ""
    return f"<g>{named}{''.join(parts)}</g>"
