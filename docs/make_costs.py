"""Measure what every mode costs, and record it: in the package and in the README."""

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

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- Costs: written by `make costs`. -->\n"
END = "<!-- End of costs. -->\n"

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
    """Return the README's table, and where and when it was measured."""
    lines = [
        "| mode | claims to be | one thread | two threads, one object "
        "| two threads, objects of their own | one thread, not the owner |",
        "|---|---|---|---|---|---|",
    ]
    for cost in costs.costs:
        cells = [
            told(cost.figure(1, "private")),
            told(cost.figure(2, "shared")),
            told(cost.figure(2, "private")),
            told(cost.figure(1, "private", "elsewhere")),
        ]
        claim = refrace.mode(cost.mode).claim
        lines.append(f"| `{cost.mode}` | {claim} | {' | '.join(cells)} |")
    lines += [
        "",
        f"{costs.environment}; {costs.date}, {costs.rounds} rounds.",
    ]
    return "\n".join(lines) + "\n"


def told(figure: CostFigure | None) -> str:
    """Return a figure as a cell of the table."""
    if figure is None:
        return ""
    notes = []
    if figure.corrupted:
        share = figure.corrupted / figure.settled
        notes.append(f"and {share:.0%} of the objects corrupted")
    if not figure.has_met:
        notes.append(f"inside together {figure.overlap:.0%} of the time")
    ratio = short(figure.ratio.median)
    return f"{ratio} ({'; '.join(notes)})" if notes else ratio


def with_table(readme: str, costs: RecordedCosts) -> str:
    """Return the text of the README with the table of `costs`."""
    before, _, rest = readme.partition(BEGIN)
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
    readme = README.read_text(encoding="utf-8")
    README.write_text(with_table(readme, costs), encoding="utf-8")


if __name__ == "__main__":
    main()
