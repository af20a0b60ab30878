"""Schedules of native code: how many with and without reduction, and how fast.

    python benchmarks/native_schedules.py [FORM]

The extensions are those of tests/hunting/schedules, correct or (FORM "wrong") with
their bug.  "orders" is the number of different orders of conflicting steps, which no
exact search can go below.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from hunting.schedules.building import build  # noqa: E402
from hunting.schedules.driving import SCENARIOS, drive  # noqa: E402

CALLS = 20_000


def counts(form):
    """Print the schedules of each scenario until the end, or until a finding."""
    print(f"{'scenario':18} {'bound':>5} {'plain':>7} {'reduced':>7} {'orders':>6}")
    total = {}
    for scenario in SCENARIOS:
        for bound in (1, 2, 3):
            plain, reduced = (
                drive(scenario, form, preemptions=bound, reduction=on)
                for on in (False, True)
            )
            if "schedules" not in plain:  # a deadlock ends the process
                print(f"{scenario:18} {bound:5} {plain['how']:>7} {reduced['how']:>7}")
                continue
            row = [plain["schedules"], reduced["schedules"], len(plain["orders"])]
            same = plain["seen"] and [one[:2] for one in plain["seen"]] == [
                one[:2] for one in reduced["seen"]
            ]
            told = "the same finding" if same else ""
            print(f"{scenario:18} {bound:5} {row[0]:7} {row[1]:7} {row[2]:6} {told}")
            known = total.get(bound, [0] * 3)
            total[bound] = [a + b for a, b in zip(known, row, strict=True)]
    for bound, (plain, reduced, orders) in total.items():
        ratio = plain / reduced
        print(
            f"{'all':18} {bound:5} {plain:7} {reduced:7} {orders:6} {ratio:.1f} fewer"
        )


def speeds():
    """Print schedules a second, the cost of a switch, and the overhead without runs."""
    ran = subprocess.run(
        [sys.executable, __file__, "--inside", str(build("correct"))],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    for name, value in json.loads(ran.stdout.splitlines()[-1]).items():
        print(f"{name:42} {value:12,.2f}")


def inside(folder):
    """Measure in this process, in processor time, since machines are busy."""
    from time import process_time

    from refrace.hunting.schedules import runtime

    native = runtime.load()
    sys.path.insert(0, folder)
    import races

    def timed(call, times):
        began = process_time()
        for _ in range(times):
            call()
        return (process_time() - began) / times

    subject = races.Races()
    before = timed(subject.count, CALLS * 10)
    runtime.open_process(2)
    after = timed(subject.count, CALLS * 10)
    add = [subject.add] * 2
    whole = timed(lambda: native.run(add), CALLS)
    switching = 0

    def switch():
        nonlocal switching
        done = native.run(add, native.RANDOM, seed=switching, probability=1.0)
        switching += done.switches

    random = timed(switch, CALLS)
    extra = switching / CALLS - native.run(add).switches
    told = {
        "schedules a second, two calls of add()": 1 / whole,
        "points of such a run": float(native.run(add).steps),
        "microseconds a switch": (random - whole) / extra * 1e6,
        "ratio of a call outside of runs, patched": after / before,
    }
    print(json.dumps(told), flush=True)
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2])
    counts((sys.argv[1:] or ["correct"])[0])
    speeds()
