"""The chart of a comparison by threads: how the cost of each mode grows with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refrace.display.charts.style import altair, styled
from refrace.display.charts.theme import FAINT, PALETTE
from refrace.display.numbers import short
from refrace.environment import Environment
from refrace.errors import InvalidArgument
from refrace.races.comparison_row import ComparisonRow

__all__ = ["comparison_threads_chart"]

PANEL_WIDTH, PANEL_HEIGHT = 260, 240
LABELS = 110
"""Space at the right of a panel for the names of the modes."""
COLOURS = {"correct": PALETTE["blue"], "broken": PALETTE["vermilion"]}


def comparison_threads_chart(
    rows: Sequence[ComparisonRow],
    answer: str,
    baseline: str,
    environment: Environment,
) -> Any:
    """Return the chart: a line for each mode, a panel for each kind of objects.

    Raises
    ------
    InvalidArgument
        If the rows have fewer than two numbers of threads.
    MissingPackage
        If Altair is not installed.
    """
    alt = altair()
    # The other rows are a second cost of the same mode on one thread.
    rows = [row for row in rows if row.owner == "racing"]
    counts = sorted({row.threads for row in rows})
    if len(counts) < 2:
        raise InvalidArgument(
            f"the comparison has rows for {len(counts)} number of threads, and a cost "
            "against threads needs two or more; pass threads=[1, 2] to compare"
        )
    base = alt.Chart(alt.Data(values=_values(rows, counts[-1]))).encode(
        x=alt.X("threads:O", title="threads", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "ratio:Q",
            scale=alt.Scale(type="log", nice=False, padding=12),
            axis=alt.Axis(format="~g", tickCount=5, gridColor=FAINT),
            title=f"cost relative to {baseline} on one thread (log)",
        ),
        color=alt.Color(
            "claim:N",
            scale=alt.Scale(domain=[*COLOURS], range=[*COLOURS.values()]),
            legend=alt.Legend(title="the mode claims to be", symbolOpacity=1),
        ),
        detail="mode:N",
        tooltip=[
            alt.Tooltip("mode:N"),
            alt.Tooltip("threads:O"),
            alt.Tooltip("ratio:Q", title="cost (median)", format=".3g"),
            alt.Tooltip("low:Q", title="first quartile", format=".3g"),
            alt.Tooltip("high:Q", title="third quartile", format=".3g"),
            alt.Tooltip("overlap:Q", format=".0%"),
        ],
    )
    shape = alt.Shape(
        "claim:N",
        scale=alt.Scale(domain=[*COLOURS], range=["circle", "diamond"]),
        legend=None,
    )
    names = (
        base.transform_filter("datum.label != ''")
        .mark_text(align="left", dx=8, fontSize=11)
        .encode(text="label:N")
    )
    said = "Medians, for objects made by a racing thread."
    return styled(
        alt.layer(
            base.mark_line(opacity=0.7),
            base.mark_point(size=60, filled=True, opacity=1).encode(shape=shape),
            names,
        )
        .properties(width=PANEL_WIDTH, height=PANEL_HEIGHT)
        .facet(
            facet=alt.Facet("panel:N", title=None),
            columns=2,
            spacing={"column": LABELS, "row": 24},
            title=alt.TitleParams(
                "Cost of counting against the number of threads",
                subtitle=[said, f"{environment}."],
            ),
        )
        .properties(description=f"{answer} {_told(rows)}")
    )


def _panel(row: ComparisonRow) -> str:
    whose = "the same objects" if row.objects == "shared" else "own objects"
    return f"{whose}, {row.workload}"


def _values(rows: Sequence[ComparisonRow], most: int) -> list[dict[str, Any]]:
    """Return the points; one thread has one row, which is in both panels."""
    values = []
    for row in rows:
        panels = {_panel(row)}
        if row.threads == 1:
            panels = {_panel(one) for one in rows if one.workload == row.workload}
        values += [
            {
                "panel": panel,
                "mode": row.mode,
                "claim": row.claim,
                "threads": row.threads,
                "ratio": row.ratio.median,
                "low": row.ratio.low,
                "high": row.ratio.high,
                "overlap": row.overlap,
                "label": row.mode if row.threads == most else "",
            }
            for panel in sorted(panels)
        ]
    return values


def _told(rows: Sequence[ComparisonRow]) -> str:
    return " ".join(
        f"{row.mode}, {row.case}: {short(row.ratio.median)}x." for row in rows
    )
