"""Import Altair at first use; the colours and style that all charts share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from refrace.display.charts.standing import standing
from refrace.display.charts.theme import FAINT, INK, PAPER, SOFT
from refrace.errors import MissingPackage

__all__ = ["altair", "styled"]

# Padding: a browser without the fonts of the layout substitutes others, which are up to
# a fifth wider.
PADDING = {"left": 36, "right": 30, "top": 8, "bottom": 8}


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
        .configure(background=PAPER)
        .configure_view(stroke=FAINT)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
            labelColor=INK,
            titleColor=INK,
            domainColor=SOFT,
            tickColor=SOFT,
            gridColor=FAINT,
        )
        .configure_header(
            labelFontSize=13, labelFontWeight="bold", labelColor=INK, title=None
        )
        .configure_legend(
            orient="bottom",
            direction="horizontal",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            symbolBaseStrokeColor=SOFT,
            labelLimit=0,
            offset=14,
        )
        .configure_text(color=INK)
        .configure_title(
            anchor="start",
            fontSize=15,
            subtitleFontSize=12,
            offset=14,
            color=INK,
            subtitleColor=SOFT,
        )
    )
    return standing(chart, altair())
