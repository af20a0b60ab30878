"""Charts that need no network and follow the light or dark theme of their page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from refrace.display.charts.theme import (
    CLASS,
    PAPER,
    chart_file_style,
    chart_page_style,
    dark_of,
)

__all__ = ["PNG_SCALE", "standing"]

PNG_SCALE = 2
"""Pixels per point, for high-resolution screens."""

# Vega gives an interactive chart its background as a style of the element.
_PAGE_STYLE = (
    ":root{color-scheme:light dark}"
    f"body{{background:{PAPER}}}"
    "@media (prefers-color-scheme:dark){"
    f"body,.vega-embed svg.marks{{background:{dark_of(PAPER)}!important}}}}"
)


def standing(chart: Any, altair: ModuleType) -> Any:
    """Return a faceted chart in a form that needs no network; in a notebook, as SVG.

    By default, a chart and a saved page load three scripts from the network, and stay
    empty without them.  If the user has chosen one of Altair's renderers, it is used.
    """

    class StandingChart(altair.FacetChart):  # type: ignore[misc, name-defined]
        def _repr_mimebundle_(self, *args: Any, **kwds: Any) -> Any:
            is_chosen = altair.renderers.active != "default"
            if is_chosen or find_spec("vl_convert") is None:
                return super()._repr_mimebundle_(*args, **kwds)
            title = _title(self)
            return {
                "text/html": _inline(_svg(super().save), title),
                "text/plain": title,
            }

        def save(self, fp: Any, format: str | None = None, **kwds: Any) -> None:
            kind = (format or Path(str(fp)).suffix.removeprefix(".")).lower()
            if kind not in {"html", "svg"} or find_spec("vl_convert") is None:
                super().save(fp, format, **kwds)
                return
            if kind == "html":
                kwds.setdefault("inline", True)
                kwds.setdefault("embed_options", {"renderer": "svg"})
            written = StringIO()
            super().save(written, kind, **kwds)
            text = written.getvalue()
            text = _page(text) if kind == "html" else _file(text)
            if hasattr(fp, "write"):
                fp.write(text)
            else:
                Path(fp).write_text(text, encoding="utf-8")

    return StandingChart(**chart._kwds)


def _svg(save: Callable[..., None]) -> str:
    written = StringIO()
    save(written, "svg")
    return written.getvalue()


def _title(chart: Any) -> str:
    """Return what the chart shows: its description, or its title and subtitle."""
    spec = chart.to_dict()
    if "description" in spec:
        return str(spec["description"])
    title = spec["title"]
    return " ".join([f"{title['text']}.", *title.get("subtitle", ())])


def _inline(svg: str, title: str) -> str:
    """Return an SVG document as an element of a page, with its style sheet."""
    element = re.sub(r' class="[^"]*"', f' class="{CLASS}"', svg, count=1)
    named = (
        f'<svg role="img" aria-label="{escape(title)}" '
        'style="max-width:100%;height:auto"'
    )
    element = element.replace("<svg", named, 1)
    return f"<div><style>{chart_page_style()}</style>{element}</div>"


def _file(svg: str) -> str:
    """Return an SVG document that is dark where the reader's system asks for it."""
    head, end, rest = svg.partition(">")
    return f"{head}{end}<style>{chart_file_style()}</style>{rest}"


def _page(html: str) -> str:
    """Return a page of Altair that is dark where the reader's system asks for it."""
    style = f"<style>{chart_file_style()}{_PAGE_STYLE}</style>"
    return html.replace("<head>", f"<head>{style}", 1)
