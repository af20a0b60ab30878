"""The chart of a comparison: the cost of each mode, with a panel for each case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from refrace.display.charts.style import altair, styled
from refrace.display.charts.theme import FAINT, PALETTE, PAPER, SOFT
from refrace.display.numbers import short
from refrace.environment import Environment
from refrace.errors import InvalidArgument
from refrace.races.comparison_row import ComparisonRow

__all__ = ["comparison_chart"]

PANEL_WIDTH = 230
STEP = 26
PANELS_IN_A_ROW = 2
CLAIMS = ["correct", "broken"]
COLOURS = [PALETTE["blue"], PALETTE["vermilion"]]


def comparison_chart(
    rows: Sequence[ComparisonRow],
    by_cost: Sequence[str],
    cases: Sequence[str],
    baseline: str,
    environment: Environment,
) -> Any:
    """Return the chart: a panel for each case, the modes in the order `by_cost`."""
    alt = altair()
    if not rows:
        raise InvalidArgument(
            "there is nothing to plot, because no round was measured; measure again"
        )
    values = _values(rows)
    base = alt.Chart(alt.Data(values=values))
    # Space for the labels of the outermost points.
    scale = alt.Scale(type="log", nice=False, padding=16)
    axis = alt.Axis(
        title=f"cost relative to {baseline} on one thread (log)",
        format="~g",
        tickCount=5,
        labelOverlap=True,
        grid=True,
        gridColor=FAINT,
    )
    mode = alt.Y("mode:N", sort=list(by_cost), title=None, scale=alt.Scale(padding=0.8))
    median = alt.X("ratio:Q", scale=scale, axis=axis)
    colours = alt.Scale(domain=CLAIMS, range=COLOURS)
    legend = alt.Legend(title="the mode claims to be", symbolOpacity=1)
    claim = alt.Color("claim:N", scale=colours, legend=legend)
    shape = alt.Shape(
        "claim:N",
        scale=alt.Scale(domain=CLAIMS, range=["circle", "diamond"]),
        legend=legend,
    )
    reference = (
        base.transform_aggregate(rows="count()")
        .mark_rule(color=SOFT, strokeDash=[4, 3])
        .encode(x=alt.XDatum(1, scale=scale, axis=axis))
    )
    spread = base.mark_rule(strokeWidth=2, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=mode, color=claim
    )
    point = base.mark_point(size=70, filled=False, opacity=1, strokeWidth=2).encode(
        x=median,
        y=mode,
        color=claim,
        shape=shape,
        fill=alt.condition(
            "datum.met",
            alt.Fill("claim:N", scale=colours, legend=None),
            alt.value(PAPER),
        ),
        tooltip=_tooltip(alt),
    )
    figures = [
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=side, baseline="bottom", dx=shift, dy=-4, fontSize=11)
        .encode(x=median, y=mode, text="label:N")
        for side, shift in (("left", 3), ("right", -3))
    ]
    said = ["Median and quartiles; dashed: the baseline."]
    if not all(row.conclusive for row in rows):
        said.append("Hollow: threads hardly overlapped, so contention is not included.")
    return styled(
        alt.layer(reference, spread, *reversed(figures), point)
        .properties(width=PANEL_WIDTH, height=alt.Step(STEP))
        .facet(
            facet=alt.Facet("case:N", sort=list(cases), title=None),
            columns=PANELS_IN_A_ROW,
            title=alt.TitleParams(
                "Cost of counting one reference",
                subtitle=[*said, f"{environment}."],
            ),
        )
    )


def _values(rows: Sequence[ComparisonRow]) -> list[dict[str, Any]]:
    """Return the rows as data, with the side on which there is space for a label."""
    lowest = min(1.0, *(row.ratio.low for row in rows))
    highest = max(1.0, *(row.ratio.high for row in rows))
    middle = math.sqrt(lowest * highest)  # of a logarithmic scale
    return [
        {
            "mode": row.mode,
            "claim": row.claim,
            "case": row.case,
            "ratio": row.ratio.median,
            "low": row.ratio.low,
            "high": row.ratio.high,
            "ns": row.ns_per_operation.median,
            "scaling": row.scaling.median,
            "corrupt": row.corrupt_share,
            "late": row.late_share,
            "overlap": row.overlap,
            "met": row.conclusive,
            "label": _label(row),
            "side": "left" if row.ratio.median <= middle else "right",
        }
        for row in rows
    ]


def _label(row: ComparisonRow) -> str:
    corrupt = f", {row.corrupt_share:.0%} corrupt" if row.corrupted else ""
    return f"{short(row.ratio.median)}x{corrupt}"


def _tooltip(alt: Any) -> list[Any]:
    shown = {
        "mode": ("mode:N", ""),
        "claims to be": ("claim:N", ""),
        "case": ("case:N", ""),
        "cost (median)": ("ratio:Q", ".3g"),
        "first quartile": ("low:Q", ".3g"),
        "third quartile": ("high:Q", ".3g"),
        "ns per operation": ("ns:Q", ".2f"),
        "relative to one thread": ("scaling:Q", ".2f"),
        "corrupt objects": ("corrupt:Q", ".1%"),
        "freed late": ("late:Q", ".0%"),
        "overlap": ("overlap:Q", ".0%"),
    }
    return [
        alt.Tooltip(field, title=title, **({"format": form} if form else {}))
        for title, (field, form) in shown.items()
    ]
