"""The stepper in HTML: one module and one style sheet, from the readable sources."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from refrace.display.pictures.theme import page_style

__all__ = [
    "data_text",
    "element",
    "embedded",
    "module_text",
    "script_text",
    "style_text",
]

_HERE = Path(__file__).parent
# In the order in which they import each other.
_MODULES = ("token.mjs", "graph.mjs", "theme.mjs", "stepper.mjs")
_IMPORT = re.compile(r'^import .* from "\./\w+\.mjs";\n', re.MULTILINE)


@cache
def module_text() -> str:
    """Return the ES module as one file, which exports `mount` and a widget."""
    texts = [(_HERE / name).read_text(encoding="utf-8") for name in _MODULES]
    return "\n".join(_IMPORT.sub("", text) for text in texts)


@cache
def style_text() -> str:
    """Return the style sheet, with the colours of both themes."""
    return page_style() + (_HERE / "stepper.css").read_text(encoding="utf-8")


def data_text(data: dict[str, Any]) -> str:
    """Return data as JSON without spaces."""
    return json.dumps(data, separators=(",", ":"))


def script_text() -> str:
    """Return the ES module that brings every stepper of a page to life."""
    return f"{module_text()}\nmountAll();\n"


def element(data: dict[str, Any], fallback: str) -> str:
    """Return a stepper as HTML, for a page that has its style and its script."""
    # A text of the program must not end the element.
    text = data_text(data).replace("<", "\\u003c")
    return (
        f'<div data-refrace-stepper><script type="application/json">{text}</script>'
        f"{fallback}</div>"
    )


def embedded(data: dict[str, Any], fallback: str) -> str:
    """Return a stepper as HTML, with everything that it needs.

    Parameters
    ----------
    data : dict
        What the stepper shows.
    fallback : str
        HTML for readers without scripts.
    """
    script = script_text().replace("</", "<\\/")
    return (
        f"<style>{style_text()}</style>{element(data, fallback)}"
        f'<script type="module">{script}</script>'
    )
