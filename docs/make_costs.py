"""Measure what every mode costs, and record it: in the package and in a page."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import refrace
from refrace.catalogue.recorded_costs import (
    COSTS_FILE,
    CostFigure,
    RecordedCost,
    RecordedCosts,
    costs_text,
)
from refrace.display.numbers import short

PAGE = Path(__file__).parent / "modes.md"
"""The page that has the table; BEGIN and END mark its place there."""

BEGIN = "<!-- Costs: written by `make costs`. -->\n"
END = "<!-- End of costs. -->\n"

LEGEND = (
    "Latency / throughput: one object again and again, where each operation waits for "
    "the one before; round over 64 objects, where they overlap."
)

# More than a comparison has by default: a busy machine keeps threads apart in some.
ROUNDS = 101


def recorded(comparison: refrace.Comparison, date: str) -> RecordedCosts:
    """Return what is kept of a comparison."""
    costs: dict[str, list[CostFigure]] = {}
    for row in comparison.rows:
        figure = CostFigure(
            threads=row.threads,
            objects=row.objects,
            owner=row.owner,
            ratio=row.ratio,
            overlap=row.overlap,
            settled=row.settled,
            corrupted=row.corrupted,
            workload=row.workload,
        )
        costs.setdefault(row.mode, []).append(figure)
    return RecordedCosts(
        refrace=refrace.__version__,
        date=date,
        rounds=comparison.rounds,
        environment=comparison.environment,
        costs=tuple(
            RecordedCost(mode, tuple(figures)) for mode, figures in costs.items()
        ),
    )


def table(costs: RecordedCosts) -> str:
    """Return the page's table, and where and when it was measured."""
    lines = [
        "| mode | claims to be | one thread | two threads, one object "
        "| two threads, objects of their own | one thread, not the owner |",
        "|---|---|---|---|---|---|",
    ]
    for cost in costs.costs:
        cells = [
            both(cost, 1, "private"),
            both(cost, 2, "shared"),
            both(cost, 2, "private"),
            both(cost, 1, "private", "elsewhere"),
        ]
        claim = refrace.mode(cost.mode).claim
        lines.append(f"| `{cost.mode}` | {claim} | {' | '.join(cells)} |")
    if any(
        one.workload == "throughput" for cost in costs.costs for one in cost.figures
    ):
        lines += ["", LEGEND]
    lines += [
        "",
        f"{costs.environment}; {costs.date}, {costs.rounds} rounds.",
    ]
    return "\n".join(lines) + "\n"


def both(cost: RecordedCost, threads: int, objects: str, owner: str = "racing") -> str:
    """Return latency and throughput of a case as a cell of the table."""
    figures = [
        cell(cost.figure(threads, objects, owner, workload))
        for workload in ("latency", "throughput")
    ]
    return " / ".join(figure for figure in figures if figure)


def cell(figure: CostFigure | None) -> str:
    """Return a figure as a part of a cell."""
    if figure is None:
        return ""
    notes = []
    if figure.corrupted:
        share = figure.corrupted / figure.settled
        notes.append(f"and {share:.0%} of the objects corrupted")
    if not figure.has_met:
        notes.append(f"overlap {figure.overlap:.0%}")
    ratio = short(figure.ratio.median)
    return f"{ratio} ({'; '.join(notes)})" if notes else ratio


def with_table(page: str, costs: RecordedCosts) -> str:
    """Return the text of a page with the table of `costs`."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table(costs)}{END}{after}"


def main() -> None:
    """Measure, and write the record and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds

    def progress(done: int, planned: int) -> None:
        print(f"{done} of {planned} rounds", file=sys.stderr)

    comparison = refrace.compare(rounds=rounds, progress=progress)
    print(comparison)
    costs = recorded(comparison, datetime.now(UTC).date().isoformat())
    COSTS_FILE.write_text(costs_text(costs), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, costs), encoding="utf-8")


if __name__ == "__main__":
    main()
