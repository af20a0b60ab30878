"""How soon a hunt finds the bug of each extension in tests/extensions.

    python benchmarks/hunt_twins.py [--only NAME ...] [--hunts N] [--seconds S]
        [--form buggy|fixed|both] [--seed N] [--jobs J]

For the buggy form of each: how many of N hunts, each with a seed of its own, find it,
and the time to the first finding.  For the fixed form: how many hunts report anything,
which must be none.  Run it with the interpreter that is to be tried, which needs
refrace, setuptools and Cython.  Times depend on the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text
from refrace.environment import Environment

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from extensions.build import build  # noqa: E402
from extensions.twins import TWINS, Twin  # noqa: E402


def hunt(twin: Twin, form: str, seconds: float, seed: int, folder: Path) -> Any:
    """Return the result of a hunt as timed_hunt.py prints it."""
    subject = ("extensions.twins", "subject", f"{twin.name}.{form}")
    script = Path(__file__).with_name("timed_hunt.py")
    done = subprocess.run(
        [sys.executable, str(script), str(seconds), str(seed), *subject],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(TESTS)])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"a hunt in {subject[-1]} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def row(twin: Twin, results: dict[str, list[Any]]) -> tuple[str, ...]:
    """Return the figures of one extension, and print what the fixed form had."""
    buggy, fixed = results.get("buggy", []), results.get("fixed", [])
    right = [one for one in buggy if set(one["kinds"]) & twin.kinds]
    times = [one["first_s"] for one in right if one["first_s"] is not None]
    seconds = f"{statistics.median(times):.1f} ({max(times):.1f})" if times else ""
    other = sorted({kind for one in buggy for kind in one["kinds"]} - twin.kinds)
    reported = [one for one in fixed if one["kinds"]]
    for one in reported:
        print(f"fixed.{twin.name}:", *one["messages"], sep="\n  ", file=sys.stderr)
    programs = [one["programs"] for one in fixed]
    return (
        *(twin.name, twin.bug),
        f"{len(right)}/{len(buggy)}" if twin.can_fail_here else "(cannot fail here)",
        seconds,
        ", ".join(sorted({kind for one in right for kind in one["kinds"]} - {*other})),
        ", ".join(other),
        f"{len(reported)}/{len(fixed)}",
        f"{statistics.median(programs):,.0f}" if programs else "",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TWINS, default=list(TWINS))
    parser.add_argument("--hunts", type=int, default=10, help="of each form")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a hunt")
    parser.add_argument("--form", choices=("buggy", "fixed", "both"), default="both")
    parser.add_argument("--seed", type=int, default=0, help="of the first hunt")
    parser.add_argument("--jobs", type=int, default=1, help="hunts at a time")
    options = parser.parse_args()
    forms = ("buggy", "fixed") if options.form == "both" else (options.form,)
    folder = build()
    rows = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for name in options.only:
            twin = TWINS[name]
            hunts = [
                pool.submit(hunt, twin, form, options.seconds, seed, folder)
                for form in forms
                for seed in range(options.seed, options.seed + options.hunts)
            ]
            done = iter([one.result() for one in hunts])
            results = {
                form: [next(done) for _ in range(options.hunts)] for form in forms
            }
            rows.append(row(twin, results))
            print(*rows[-1], sep=" | ", file=sys.stderr)
    header = ("extension", "bug", "found", "s", "as", "also", "fixed", "programs")
    note = (
        f"{Environment.current()}; {options.hunts} hunts of {options.seconds:g} s. "
        "found: hunts in the buggy form with a finding of a right kind; s: median (and "
        "longest) time to the first finding; also: other kinds; fixed: hunts in the "
        "fixed form with any finding; programs: median number in the fixed form."
    )
    print(render_text([Table(header, rows, align="<<><<<>>"), Paragraph(note)]))


if __name__ == "__main__":
    main()
