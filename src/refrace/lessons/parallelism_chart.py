"""The chart of a parallelism report: cores used and speedup of each workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refrace._base.spread import Spread
from refrace.display.charts.style import altair, styled
from refrace.display.charts.theme import FAINT, PALETTE, SOFT
from refrace.environment import Environment
from refrace.errors import InvalidArgument
from refrace.lessons.parallelism_row import ParallelismRow

__all__ = ["parallelism_chart"]

PANEL_WIDTH = 280
STEP = 26
PANELS = ["cores used", "speedup against one thread"]
# A fixed order, so that a verdict has the same colour in every chart.
COLOURS = {
    "serial": PALETTE["vermilion"],
    "parallel": PALETTE["blue"],
    "waiting": PALETTE["teal"],
    "partial": PALETTE["orange"],
    "competing": PALETTE["purple"],
    "no answer": PALETTE["grey"],
}
# No verdict is shown by colour alone.
SHAPES = {
    "serial": "diamond",
    "parallel": "circle",
    "waiting": "triangle-right",
    "partial": "square",
    "competing": "triangle-down",
    "no answer": "cross",
}


def parallelism_chart(
    rows: Sequence[ParallelismRow],
    threads: int,
    possible_cores: int,
    environment: Environment,
    *,
    machine_is_fit: bool,
) -> Any:
    """Return the chart of the rows, with the workloads in order."""
    alt = altair()
    values = _values(rows, environment, machine_is_fit)
    if not values:
        raise InvalidArgument(
            "there is nothing to plot, because no workload was measured; measure again"
        )
    base = alt.Chart(alt.Data(values=values))
    said = [verdict for verdict in COLOURS if verdict in {v["verdict"] for v in values}]
    verdict = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=said, range=[COLOURS[name] for name in said]),
        legend=alt.Legend(title="verdict", symbolOpacity=1),
    )
    shape = alt.Shape(
        "verdict:N",
        scale=alt.Scale(domain=said, range=[SHAPES[name] for name in said]),
        legend=alt.Legend(title="verdict"),
    )
    top = max([possible_cores, *(value["high"] for value in values)])
    scale = alt.Scale(domain=[0, top * 1.12], nice=False)
    axis = alt.Axis(title="cores, or speedup", grid=True, gridColor=FAINT)
    workload = alt.Y(
        "workload:N",
        sort=[row.workload for row in rows],
        title=None,
        scale=alt.Scale(padding=0.8),
    )
    references = [
        base.transform_aggregate(rows="count()")
        .mark_rule(color=SOFT, strokeDash=[4, 3])
        .encode(x=alt.XDatum(cores, scale=scale, axis=axis))
        for cores in sorted({1, possible_cores})
    ]
    spread = base.mark_rule(strokeWidth=2, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=workload, color=verdict
    )
    median = alt.X("median:Q", scale=scale, axis=axis)
    point = base.mark_point(size=70, filled=True, opacity=1).encode(
        x=median,
        y=workload,
        color=verdict,
        shape=shape,
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
    cores = "1 core" if possible_cores == 1 else f"{possible_cores} cores"
    return styled(
        alt.layer(*references, spread, figure, point)
        .properties(width=PANEL_WIDTH, height=alt.Step(STEP))
        .facet(
            facet=alt.Facet("panel:N", sort=PANELS, title=None),
            columns=2,
            title=alt.TitleParams(
                f"{threads} threads on {cores}",
                subtitle=[
                    "Median and quartiles; dashed: one core, and all usable cores.",
                    f"{environment}.",
                ],
            ),
        )
    )


def _values(
    rows: Sequence[ParallelismRow], environment: Environment, machine_is_fit: bool
) -> list[dict[str, Any]]:
    """Return two points for each workload that was measured."""
    values = []
    for row in rows:
        if not row.pairs:
            continue
        common = {
            "workload": row.workload,
            "verdict": _verdict(row, environment.cores, machine_is_fit),
            "why": row.cause(environment, machine_is_fit),
        }
        values.append({**common, "panel": PANELS[0], **_spread(row.cores_used)})
        values.append({**common, "panel": PANELS[1], **_spread(row.speedup)})
    return values


def _verdict(row: ParallelismRow, n_cores: int, machine_is_fit: bool) -> str:
    """Return the verdict; only a waiting workload does not depend on the cores."""
    verdict = row.verdict(n_cores)
    if verdict == "noisy" or (verdict != "waiting" and not machine_is_fit):
        return "no answer"
    return verdict


def _spread(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "low": spread.low, "high": spread.high}
