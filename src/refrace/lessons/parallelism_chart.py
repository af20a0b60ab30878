"""The chart of a parallelism report: cores used and work gained, by workload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refrace.display.charts.style import GREY, PALETTE, altair, styled
from refrace.errors import InvalidArgument

if TYPE_CHECKING:
    from refrace._base.spread import Spread
    from refrace.lessons.parallelism_report import (
        ParallelismReport,
        ParallelismRow,
    )

__all__ = ["parallelism_chart"]

PANEL_WIDTH = 280
STEP = 26
PANELS = ["cores used", "speedup against one thread"]
# In an order of its own, so that a verdict has one colour in every chart.
COLOURS = {
    "serial": PALETTE["vermilion"],
    "parallel": PALETTE["blue"],
    "waiting": PALETTE["sky"],
    "partial": PALETTE["orange"],
    "competing": PALETTE["purple"],
    "no answer": PALETTE["grey"],
}


def parallelism_chart(report: ParallelismReport) -> Any:
    """Return the chart; the workloads stand in the order of the report."""
    alt = altair()
    values = _values(report)
    if not values:
        raise InvalidArgument(
            "there is nothing to plot: no workload was measured; measure again"
        )
    base = alt.Chart(alt.Data(values=values))
    said = [verdict for verdict in COLOURS if verdict in {v["verdict"] for v in values}]
    verdict = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=said, range=[COLOURS[name] for name in said]),
        legend=alt.Legend(title="verdict", symbolOpacity=1),
    )
    top = max([report.possible_cores, *(value["high"] for value in values)])
    scale = alt.Scale(domain=[0, top * 1.12], nice=False)
    axis = alt.Axis(title="times one thread, or cores", grid=True, gridColor="#EEEEEE")
    workload = alt.Y(
        "workload:N",
        sort=[row.workload for row in report.rows],
        title=None,
        scale=alt.Scale(padding=0.8),
    )
    references = [
        base.transform_aggregate(rows="count()")
        .mark_rule(color=GREY, strokeDash=[4, 3])
        .encode(x=alt.XDatum(cores, scale=scale, axis=axis))
        for cores in sorted({1, report.possible_cores})
    ]
    spread = base.mark_rule(strokeWidth=2, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=workload, color=verdict
    )
    median = alt.X("median:Q", scale=scale, axis=axis)
    point = base.mark_point(size=70, filled=True, opacity=1).encode(
        x=median,
        y=workload,
        color=verdict,
        tooltip=[
            alt.Tooltip("workload:N"),
            alt.Tooltip("verdict:N"),
            alt.Tooltip("why:N"),
            alt.Tooltip("median:Q", format=".2f"),
            alt.Tooltip("low:Q", title="first quartile", format=".2f"),
            alt.Tooltip("high:Q", title="third quartile", format=".2f"),
        ],
    )
    figure = base.mark_text(align="left", baseline="bottom", dx=3, dy=-4).encode(
        x=median, y=workload, text=alt.Text("median:Q", format=".2f")
    )
    possible = report.possible_cores
    cores = "1 core" if possible == 1 else f"{possible} cores"
    return styled(
        alt.layer(*references, spread, figure, point)
        .properties(width=PANEL_WIDTH, height=alt.Step(STEP))
        .facet(
            facet=alt.Facet("panel:N", sort=PANELS, title=None),
            columns=2,
            title=alt.TitleParams(
                f"{report.threads} threads on {cores}",
                subtitle=[
                    "Median and quartiles; dashed: one core, and all there are.",
                    f"{report.environment}.",
                ],
            ),
        )
    )


def _values(report: ParallelismReport) -> list[dict[str, Any]]:
    """Return two points for each workload that was measured."""
    values = []
    for row in report.rows:
        if not row.pairs:
            continue
        told = {
            "workload": row.workload,
            "verdict": _verdict(row, report),
            "why": row.cause(report.environment, report.machine_is_fit),
        }
        values.append({**told, "panel": PANELS[0], **_spread(row.cores_used)})
        values.append({**told, "panel": PANELS[1], **_spread(row.speedup)})
    return values


def _verdict(row: ParallelismRow, report: ParallelismReport) -> str:
    """Return the verdict; only waiting needs none of the machine's cores."""
    verdict = row.verdict(report.environment.cores)
    if verdict == "noisy" or (verdict != "waiting" and not report.machine_is_fit):
        return "no answer"
    return verdict


def _spread(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "low": spread.low, "high": spread.high}
