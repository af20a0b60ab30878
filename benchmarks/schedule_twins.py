"""In how many schedules a hunt finds the extensions of tests/ that need threads.

    python benchmarks/schedule_twins.py [--only NAME ...] [--seconds S] [--seed N]

Each buggy form is hunted with schedules="bounded" and two preemptions, until its first
finding.  "schedules" counts all that ran, those of programs without a finding too.
The time depends on the load of the machine, the number of schedules does not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from extensions.build import build  # noqa: E402
from extensions.twins import TWINS  # noqa: E402

NAMES = [name for name, twin in TWINS.items() if twin.needs_threads]
NAMES.append("vector")  # which one thread can show too


def hunt(name: str, folder: str, seconds: float, seed: int) -> None:
    """Hunt in this process until the first finding, and print what was found."""
    import refrace
    from refrace.hunting.hunt import hunt_in

    def stop(progress: Any) -> None:
        if progress.findings:
            raise KeyboardInterrupt

    # A file, since only the processes of the hunt can import what has hooks.
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "twin.py")
        file.write_text(
            f"from extensions.twins import subject\nTwin = subject('{name}.buggy')\n"
        )
        try:
            report = hunt_in(
                f"{file}:Twin",
                schedules="bounded",
                build=folder,
                seconds=seconds,
                seed=seed,
                threads=(2,),
                repeats=None,
                store=False,
                progress=stop,
            )
        except refrace.Interrupted as stopped:
            report = stopped.report
    explored = report.explored
    kinds = sorted({finding.kind for finding in report.findings})
    result = {
        "kinds": kinds,
        "right": bool(set(kinds) & TWINS[name].kinds),
        # A schedule that ends its process is in no figures but these.
        "schedules": max(report.rounds, explored.schedules if explored else 0),
        "programs": report.programs,
        "complete": explored.complete if explored else 0,
        "points": explored.points if explored else 0,
        "messages": [finding.message[:160] for finding in report.findings],
    }
    print(json.dumps(result))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TWINS, default=NAMES)
    parser.add_argument("--seconds", type=float, default=20.0, help="of a hunt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        hunt(options.only[0], options.inside, options.seconds, options.seed)
        return
    folder = str(build(tuple(options.only), instrumented=True))
    print("| extension | bug | found as | schedules | programs | points |")
    print("|---|---|---|---|---|---|")
    for name in options.only:
        command = [sys.executable, __file__, "--only", name, "--inside", folder]
        command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
        path = os.pathsep.join([folder, str(TESTS)])
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"| {name} | failed: {done.stderr.strip().splitlines()[-1]} |||||")
            continue
        one = json.loads(done.stdout.splitlines()[-1])
        found = ", ".join(one["kinds"]) or "not found"
        print(
            f"| {name} | {TWINS[name].bug} | {found} | {one['schedules']:,} | "
            f"{one['programs']:,} | {one['points']:,} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
