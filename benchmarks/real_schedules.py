"""Chosen schedules of released packages that are known to race.

    python benchmarks/real_schedules.py [--only NAME ...] [--seconds S] [--seed N]
        [--preemptions N] [--into FOLDER]

Builds each package with hooks, from its sdist, for the interpreter that runs this, and
hunts with schedules="bounded".  lru-dict and immutables need a build without the GIL,
which is kept off; the others need one with it.  Each finding is then replayed 20 times,
and its program runs on real threads (plain stress) for a third of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

SUBJECTS = Path(__file__).parent / "real_bug_subjects"
PACKAGES = {
    "lru-dict": ("1.4.1", "subjects_lru:Cache", True),
    "immutables": ("0.21", "subjects_immutables:Mutation", True),
    "xxhash": ("3.6.0", "subjects_xxhash:Hasher", False),
    "zope.interface": ("8.2", "subjects_zope:Table", False),
}
HAS_NO_GIL = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def hunt(name: str, plain: str, options: argparse.Namespace) -> dict[str, object]:
    """Build, hunt, replay and confirm one package; return what came of it."""
    import refrace
    from refrace.hunting.hunt import hunt_in

    version, target, _ = PACKAGES[name]
    built = Path(options.into, f"{name}-{version}-hooks")
    if not built.exists():
        refrace.build_instrumented(f"{name}=={version}", into=built)
    began = time.perf_counter()
    common = {"threads": (2,), "repeats": None, "store": False, "progress": None}
    report = hunt_in(
        target,
        schedules="bounded",
        preemptions=options.preemptions,
        build=built,
        seconds=options.seconds,
        seed=options.seed,
        path=[str(SUBJECTS)],
        **common,
    )
    seconds = time.perf_counter() - began
    confirmed = 0
    each = options.seconds / 3 / max(1, len(report.findings))
    for finding in report.findings:
        again = hunt_in(
            target,
            program=finding.token,
            seconds=max(2.0, each),
            seed=options.seed,
            path=[plain, str(SUBJECTS)],
            **common,
        )
        confirmed += bool(again.findings)
    explored = report.explored
    found = [f"{one.kind} {'+'.join(one.operations)}" for one in report.findings]
    return {
        "schedules": max(report.rounds, explored.schedules if explored else 0),
        "programs": report.programs,
        "complete": explored.complete if explored else 0,
        "points": explored.points if explored else 0,
        "seconds": round(seconds, 1),
        "findings": found,
        "replays": [f"{one.shown}/{one.runs}" for one in report.findings],
        "confirmed": confirmed,
        "messages": [one.message for one in report.findings],
    }


def installed(name: str, into: str) -> str:
    """Return a folder with a package as it is released."""
    version = PACKAGES[name][0]
    folder = Path(into, f"{name}-{version}-plain")
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target"]
        subprocess.run([*command, str(folder), f"{name}=={version}"], check=True)
    return str(folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--seconds", type=float, default=30.0, help="of a hunt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preemptions", type=int, default=2)
    parser.add_argument("--into", default=None, help="where builds are kept")
    options = parser.parse_args()
    if HAS_NO_GIL:
        os.environ["PYTHON_GIL"] = "0"
    with tempfile.TemporaryDirectory() as place:
        options.into = options.into or place
        columns = ["package", "found", "schedules", "programs", "points", "s"]
        columns += ["replays", "stress"]
        print(f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", sep="\n")
        for name in options.only:
            if PACKAGES[name][2] != HAS_NO_GIL:
                continue
            one = hunt(name, installed(name, options.into), options)
            found = ", ".join(one["findings"]) or "nothing"
            print(
                f"| {name} {PACKAGES[name][0]} | {found} | {one['schedules']:,} | "
                f"{one['programs']:,} ({one['complete']:,} complete) | "
                f"{one['points']:,} | {one['seconds']} | {', '.join(one['replays'])} | "
                f"{one['confirmed']} of {len(one['findings'])} |",
                flush=True,
            )
            print(json.dumps(one["messages"], indent=1), file=sys.stderr)


if __name__ == "__main__":
    main()
