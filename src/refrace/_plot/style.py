"""Altair at first use, and the colours and shapes that all charts share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from refrace.errors import MissingPackage

__all__ = ["GREY", "PALETTE", "altair", "styled"]

# Of M. Okabe, K. Ito, "Color universal design", 2008: told apart by everybody.
PALETTE = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "purple": "#CC79A7",
    "grey": "#999999",
}
GREY = "#595959"
"""Of what is there for reference."""


def altair() -> ModuleType:
    """Return the package.

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
    """Return a chart with what all charts have in common."""
    return (
        chart.configure_view(stroke="#DDDDDD")
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
