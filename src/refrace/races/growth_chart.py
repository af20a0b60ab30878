"""The charts of growth: chances of corruption, and interleavings against states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refrace.display.charts.style import altair, styled
from refrace.display.charts.theme import FAINT, PALETTE
from refrace.environment import Environment
from refrace.errors import InvalidArgument
from refrace.races.growth_row import GrowthRow

__all__ = ["growth_chart"]

WIDTH, HEIGHT = 460, 260
_SERIES = {
    "probability": ("exact probability", "natural rounds", "widened rounds"),
    "states": ("interleavings", "states"),
}
_COLOURS = (PALETTE["blue"], PALETTE["vermilion"], PALETTE["purple"])
_SHAPES = ("circle", "diamond", "square")
_TITLES = {
    "probability": ("Chance of corruption", "share of runs or rounds"),
    "states": ("What there is to explore", "number (log)"),
}
_SAID = {
    "probability": "Exact: each step by a random thread. Rounds: real threads here.",
    "states": "Equal states are explored once, so the states are few. Both are exact.",
}


def growth_chart(
    what: str,
    rows: Sequence[GrowthRow],
    setting: str,
    answer: str,
    environment: Environment,
) -> Any:
    """Return the chart `what` of rows; errors as in :meth:`Growth.plot`."""
    alt = altair()
    if not rows:
        raise InvalidArgument(
            "there is nothing to plot, because no row was done; pass more seconds"
        )
    title, axis = _TITLES[what]
    shown = sorted({value["series"] for value in _values(what, rows, setting)})
    names = [name for name in _SERIES[what] if name in shown]
    n = len(names)
    scale = alt.Scale(domain=[0, 1]) if what == "probability" else alt.Scale(type="log")
    base = alt.Chart(alt.Data(values=_values(what, rows, setting))).encode(
        x=alt.X(
            "operations:O",
            title="operations of each thread",
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("value:Q", title=axis, scale=scale, axis=alt.Axis(gridColor=FAINT)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=names, range=list(_COLOURS[:n])),
            legend=alt.Legend(title=None, symbolOpacity=1),
        ),
        shape=alt.Shape(
            "series:N",
            scale=alt.Scale(domain=names, range=list(_SHAPES[:n])),
            legend=alt.Legend(title=None),
        ),
        tooltip=[
            alt.Tooltip("series:N", title=" "),
            alt.Tooltip("operations:O", title="operations"),
            alt.Tooltip("exact:N", title="exactly"),
        ],
    )
    return styled(
        alt.layer(base.mark_line(), base.mark_point(size=70, filled=True, opacity=1))
        .properties(width=WIDTH, height=HEIGHT)
        .facet(
            facet=alt.Facet("setting:N", title=None),
            columns=1,
            title=alt.TitleParams(title, subtitle=[_SAID[what], f"{environment}."]),
        )
        .properties(description=f"{title}. {answer} {_SAID[what]}")
    )


def _values(what: str, rows: Sequence[GrowthRow], setting: str) -> list[dict[str, Any]]:
    """Return the points, each with its exact value as text."""
    values = []
    for row in rows:
        points: dict[str, tuple[float | None, str]]
        if what == "states":
            points = {
                "interleavings": (float(row.interleavings), str(row.interleavings)),
                "states": (float(row.states), str(row.states)),
            }
        else:
            points = {
                "exact probability": (float(row.probability), str(row.probability)),
                "natural rounds": (
                    row.frequency("natural"),
                    f"{row.natural_corrupt} of {row.natural_rounds}",
                ),
                "widened rounds": (
                    row.frequency("widened"),
                    f"{row.widened_corrupt} of {row.widened_rounds}",
                ),
            }
        values += [
            {
                "setting": setting,
                "operations": row.operations,
                "series": name,
                "value": value,
                "exact": exact,
            }
            for name, (value, exact) in points.items()
            if value is not None
        ]
    return values
