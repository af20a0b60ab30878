"""Import Altair at first use; the colours and style that all charts share."""

from __future__ import annotations

from importlib.util import find_spec
from types import ModuleType
from typing import Any

from refrace.errors import MissingPackage

__all__ = ["GREY", "PALETTE", "PNG_SCALE", "altair", "styled"]

# From M. Okabe, K. Ito, "Color universal design", 2008: safe for colour blindness.
PALETTE = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "purple": "#CC79A7",
    "grey": "#999999",
}
# Padding: a browser without the fonts of the layout substitutes others, which are up to
# a fifth wider.
PADDING = {"left": 36, "right": 30, "top": 8, "bottom": 8}
PNG_SCALE = 2
"""Pixels per point, for high-resolution screens."""
POINTS_PER_INCH = 72

GREY = "#595959"
"""The colour of reference marks."""


def altair() -> ModuleType:
    """Return the Altair package.

    Raises
    ------
    MissingPackage
        If it is not installed.
    """
    try:
        import altair
    except ImportError as error:
        raise MissingPackage(
            f"a chart needs the package altair ({error}); install it: "
            "pip install 'refrace[plot]'"
        ) from None
    return altair


def styled(chart: Any) -> Any:
    """Return a faceted chart with the common style."""
    chart = (
        # Each panel has its own axis, also in a row that is not full.
        chart.resolve_axis(x="independent")
        .properties(padding=PADDING)
        .configure_view(stroke="#DDDDDD")
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", titlePadding=8
        )
        .configure_header(labelFontSize=13, labelFontWeight="bold", title=None)
        .configure_legend(
            orient="bottom",
            direction="horizontal",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=0,
            offset=14,
        )
        .configure_title(anchor="start", fontSize=15, subtitleFontSize=12, offset=14)
    )
    return _standing(chart)


def _standing(chart: Any) -> Any:
    """Return the chart in a form that needs no network; in a notebook, as an image.

    By default, a chart and a saved page load three scripts from the network, and stay
    empty without them.  If the user has chosen one of Altair's renderers, it is used.
    """
    alt = altair()

    class StandingChart(alt.FacetChart):  # type: ignore[misc, name-defined]
        def _repr_mimebundle_(self, *args: Any, **kwds: Any) -> Any:
            is_chosen = alt.renderers.active != "default"
            if is_chosen or find_spec("vl_convert") is None:
                return super()._repr_mimebundle_(*args, **kwds)
            with alt.renderers.enable("png", ppi=PNG_SCALE * POINTS_PER_INCH):
                return super()._repr_mimebundle_(*args, **kwds)

        def save(self, fp: Any, format: str | None = None, **kwds: Any) -> None:
            is_page = (format or str(fp)).lower().endswith("html")
            if is_page and find_spec("vl_convert") is not None:
                kwds.setdefault("inline", True)
            super().save(fp, format, **kwds)

    return StandingChart(**chart._kwds)
