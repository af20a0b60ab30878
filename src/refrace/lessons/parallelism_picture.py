"""The picture of a parallelism report: cores used and speedup of each workload."""

from __future__ import annotations

from collections.abc import Sequence

from refrace._base.spread import Spread
from refrace.display.pictures.bars import Tone
from refrace.display.pictures.measures import Measure, Panel, measures_picture
from refrace.display.pictures.picture import Picture
from refrace.lessons.parallelism_row import ParallelismRow

__all__ = ["parallelism_picture"]

_TONES: dict[str, Tone] = {"parallel": "good", "serial": "warn", "competing": "bad"}


def parallelism_picture(
    title: str,
    answer: str,
    rows: Sequence[ParallelismRow],
    verdicts: Sequence[str],
    possible_cores: int,
) -> Picture:
    """Return two panels with a bar for each workload that was measured."""
    measured = [pair for pair in zip(rows, verdicts, strict=True) if pair[0].pairs]
    panels = [
        Panel("Cores used", [_measure(r, r.cores_used, v) for r, v in measured]),
        Panel(
            "Speedup against one thread",
            [_measure(r, r.speedup, v) for r, v in measured],
        ),
    ]
    cores = "1 core" if possible_cores == 1 else f"{possible_cores} cores"
    return measures_picture(
        title,
        panels,
        scale="cores, or work per time relative to one thread, medians",
        marks=[(float(possible_cores), cores)],
        said=answer,
    )


def _measure(row: ParallelismRow, spread: Spread, verdict: str) -> Measure:
    return Measure(
        name=row.workload if len(row.workload) <= 28 else f"{row.workload[:25]}...",
        value=spread.median,
        shown=f"{spread.median:.2f}",
        note=verdict,
        low=spread.low,
        high=spread.high,
        tone=_TONES.get(verdict, "none"),
    )
