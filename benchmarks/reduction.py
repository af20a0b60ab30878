"""How many schedules the reduced search of native code tries, and the plain one.

    python benchmarks/reduction.py

The subjects of tests/hunting/schedules, in their wrong and correct forms, with two
preemptions.  "orders" are those of conflicting steps: no search that tries each of them
can have fewer schedules.  Of a wrong form, both searches end at the first finding; both
must have the same kinds of findings, with the same numbers of preemptions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from hunting.schedules.driving import SCENARIOS, drive  # noqa: E402


def main() -> None:
    """Print the table, and the ratios of the correct forms."""
    print("| subject | form | found | points | plain | reduced | orders |")
    print("|---|---|---|---|---|---|---|")
    plain, reduced, ratios = 0, 0, []
    for name in SCENARIOS:
        for form in ("correct", "wrong"):
            one = drive(name, form, compares=True)
            if one.get("type") == "stuck":
                print(f"| {name} | {form} | {one['how']} | | | | |")
                continue
            seen = [kind for kind, *_ in one["seen"]]
            if [found[:2] for found in one["seen"]] != one["reduced"]["seen"]:
                raise SystemExit(f"{name}, {form}: the reduced search finds another")
            few, many = one["reduced"]["schedules"], one["schedules"]
            found = ", ".join(seen) or "nothing"
            print(
                f"| {name} | {form} | {found} | {one['points']} | {many} | {few} | "
                f"{len(one['orders'])} |"
            )
            if form == "correct":
                plain, reduced = plain + many, reduced + few
                ratios.append(many / few)
    print(
        f"\nCorrect forms: {plain:,} schedules without reduction, {reduced:,} with it: "
        f"{plain / reduced:.1f} times; median {median(ratios):.1f}, "
        f"{min(ratios):.1f} to {max(ratios):.1f}."
    )


if __name__ == "__main__":
    main()
