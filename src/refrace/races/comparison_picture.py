"""The picture of a comparison: a bar for each mode, a panel for each case."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.display.numbers import short
from refrace.display.pictures.measures import Measure, Panel, measures_picture
from refrace.display.pictures.picture import Picture
from refrace.races.comparison_row import ComparisonRow

__all__ = ["comparison_picture"]


def comparison_picture(
    answer: str, rows: Sequence[ComparisonRow], cases: Sequence[str], baseline: str
) -> Picture:
    """Return the cases below each other, the cheapest mode of each first."""
    panels = [
        Panel(
            f"{case[0].upper()}{case[1:]}",
            [
                _measure(row)
                for row in sorted(rows, key=lambda row: row.ratio.median)
                if row.case == case
            ],
        )
        for case in cases
    ]
    return measures_picture(
        "Cost of counting one reference",
        panels,
        scale=f"time per operation relative to {baseline} on one thread, medians",
        is_log=True,
        marks=[(1.0, baseline)],
        said=answer,
    )


def _measure(row: ComparisonRow) -> Measure:
    notes = [] if row.claims_correct else ["claims to be broken"]
    if row.corrupted:
        notes.append(f"{row.corrupt_share:.0%} corrupt")
    if not row.conclusive:
        notes.append("threads hardly met")
    return Measure(
        name=row.mode,
        value=row.ratio.median,
        shown=f"{short(row.ratio.median)}x",
        note=", ".join(notes),
        low=row.ratio.low,
        high=row.ratio.high,
        tone="bad" if row.corrupted else "good" if row.claims_correct else "warn",
    )
