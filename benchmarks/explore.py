"""Speed and memory of the explorer, compared with the model checker Spin.

    python benchmarks/explore.py [ROUNDS] [--large]

Each line is the median of ROUNDS explorations (default 9) with their quartiles, in this
process and on one core.  The times include exact counts, probabilities and shortest
runs.  The first line is the current speed of this machine in a plain C loop that only
hashes.  Use it to compare figures of two machines, or of a busy one.  The line below
the table compares two workers with one, in turns: two idle cores are needed.

Spin (Debian package spin) checks the same programs, modelled in benchmarks/promela/
with the same steps, with its partial-order reduction and without ("whole").  The time
is processor time of the same run; compiling its checker is not timed.  Spin stops at
verdicts, while the explorer also counts runs.  --large adds three threads that are not
merged, and four threads, which takes Spin 15 seconds and 500 MB; ">" marks a search
that ran out of memory.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import refrace
from refrace import Program, Spread
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text
from refrace.environment import usable_cores
from refrace.explorer.model.results import Explored
from refrace.explorer.session import Session

PROMELA = Path(__file__).parent / "promela"
MODES = [mode.name for mode in refrace.modes()]
MAX_BYTES = 2**32
HASHED_BYTES = 1 << 24


def threads(n: int, body: str, opening: str = "") -> str:
    names = [f"T{t}" for t in range(1, n + 1)]
    lines = [opening.format(t=name) for name in names if opening]
    return "\n".join([*lines, *(f"{name}: {body}" for name in names)])


def pairs(n: int, repeats: int) -> str:
    body = f"repeat {repeats} {{ incref x ; decref x }}"
    return "slot S = A\n" + threads(n, body, "borrow {t}.x = A")


def increments(n: int, repeats: int) -> str:
    return "int N = 0\n" + threads(n, f"repeat {repeats} {{ n = N ; N = n + 1 }}")


# Name, program, mode, whether identical threads are merged, the goal in s.
CASES = [
    ("3 x 2 pairs", pairs(3, 2), "unlocked", True, 0.02),
    ("4 x 2 pairs", pairs(4, 2), "unlocked", True, 0.5),
    ("3 x 3 increments", increments(3, 3), "atomic", True, 0.01),
    ("7 x 1 increment", increments(7, 1), "atomic", True, 0.01),
    ("3 x 3 pairs, apart", pairs(3, 3), "unlocked", False, None),
    ("3 x 8 increments, apart", increments(3, 8), "atomic", False, None),
]
# Name, Promela model, threads, repeats.
SPIN = [
    ("3 x 2 pairs", "pairs", 3, 2),
    ("3 x 3 increments", "increments", 3, 3),
    ("7 x 1 increment", "increments", 7, 1),
]
LARGE = [
    ("3 x 8 increments, apart", "increments", 3, 8),
    ("4 x 2 pairs", "pairs", 4, 2),
]


def hashing_speed() -> Spread:
    """Return how many MB of memory one core hashes in a second."""
    block = bytes(HASHED_BYTES)
    speeds = []
    for _ in range(9):
        began = time.perf_counter()
        zlib.crc32(block)
        speeds.append(HASHED_BYTES / 1e6 / (time.perf_counter() - began))
    return Spread.of(speeds)


def explore(
    text: str, mode: str, symmetry: bool, workers: int = 1
) -> tuple[float, Explored]:
    """Return the seconds that an exploration took, and its raw result."""
    model = Session(Program.parse(text), refrace.mode(mode))
    began = time.perf_counter()
    raw = model.explore(10**9, 600.0, MAX_BYTES, symmetry=symmetry, workers=workers)
    assert raw.finished
    return time.perf_counter() - began, raw


def two_workers(case: tuple, rounds: int) -> str:
    """Return a sentence on how much two workers gain, and what they cost."""
    name, text, mode, symmetry, _ = case
    times, costs = [], []
    for _ in range(rounds):
        seconds, processor = [], []
        for workers in (1, 2):
            began = time.process_time()
            seconds.append(explore(text, mode, symmetry, workers)[0])
            processor.append(time.process_time() - began)
        times.append(seconds[0] / seconds[1])
        costs.append(processor[1] / processor[0])
    gain, cost = Spread.of(times), Spread.of(costs)
    return (
        f"{name}: two workers are {gain.median:.2f} times as fast as one "
        f"({gain.low:.2f}-{gain.high:.2f}), with {cost.median:.2f} times the processor "
        f"time ({cost.low:.2f}-{cost.high:.2f})."
    )


def row_of(case: tuple, rounds: int) -> tuple[str, ...]:
    """Return one row of the explorer's table."""
    name, text, mode, symmetry, goal = case
    seconds, raws = zip(
        *(explore(text, mode, symmetry) for _ in range(rounds)), strict=True
    )
    took, raw = Spread.of(seconds), raws[0]
    beyond = raw.bytes / raw.states - raw.state_bytes
    return (
        name,
        f"{raw.states:,}",
        f"{raw.state_bytes}+{beyond:.0f}",
        f"{raw.bytes / 1e6:.1f}",
        f"{took.median * 1e3:.2f}",
        f"{took.low * 1e3:.2f}-{took.high * 1e3:.2f}",
        f"{raw.transitions / took.median / 1e6:.1f}",
        "" if goal is None else "met" if took.median < goal else f"over {goal * 1e3:g}",
    )


def processor_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spin(
    model: str, n: int, repeats: int, folder: Path, *, reduces: bool
) -> tuple[str, float, float]:
    """Return states (> if memory ran out), seconds and MB of Spin's search."""
    sizes = [f"-DT={n}", f"-DN={repeats}"]
    source = str(PROMELA / f"{model}.pml")
    quiet = {"cwd": folder, "check": True, "capture_output": True, "text": True}
    subprocess.run(["spin", *sizes, "-a", source], **quiet)
    flags = ["-O2", "-DSAFETY", "-DMEMLIM=4000", "-w"]
    if not reduces:
        flags.append("-DNOREDUCE")
    subprocess.run(["cc", *flags, "pan.c", "-o", "pan"], **quiet)
    began = processor_seconds_of_children()
    said = subprocess.run(["./pan", "-m1000000", "-n", "-E"], **quiet).stdout
    seconds = processor_seconds_of_children() - began
    is_cut = "MEMLIM" in said or "out of memory" in said
    states = re.search(r"^\s*(\d+) states, stored", said, re.M)
    memory = re.search(r"^\s*([\d.]+)\s+total actual memory", said, re.M)
    assert states is not None, said
    assert memory is not None, said
    return f"{'>' * is_cut}{int(states[1]):,}", seconds, float(memory[1])


def spin_rows(case: tuple, folder: Path) -> list[tuple[str, ...]]:
    """Return the rows of one program: the explorer, and Spin in both ways."""
    name, model, n, repeats = case
    _, text, mode, symmetry, _ = next(c for c in CASES if c[0] == name)
    seconds = []
    for _ in range(5):
        began = time.process_time()
        raw = explore(text, mode, symmetry)[1]
        seconds.append(time.process_time() - began)
    took = Spread.of(seconds).median
    rows = [
        (
            name,
            "refrace",
            f"{raw.states:,}",
            f"{took * 1e3:.1f}",
            "1",
            f"{raw.bytes / 1e6:.1f}",
        )
    ]
    for who, reduces in (("Spin", True), ("Spin, whole", False)):
        states, spent, megabytes = spin(model, n, repeats, folder, reduces=reduces)
        times = f"{spent / took:.1f}"
        rows.append(("", who, states, f"{spent * 1e3:.1f}", times, f"{megabytes:.0f}"))
    return rows


def main() -> None:
    """Measure the explorer, then Spin for comparison."""
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    rounds = int(arguments[0]) if arguments else 9
    speed = hashing_speed()
    head = (
        f"This machine now: CRC-32 of {speed.median:,.0f} MB/s "
        f"({speed.low:,.0f}-{speed.high:,.0f})."
    )
    columns = ("program", "states", "bytes", "MB", "ms", "quartiles", "M/s", "")
    rows = [row_of(case, rounds) for case in CASES]
    legend = (
        "bytes: of a packed state + of everything else, at the peak; MB: all; M/s: "
        "million transitions a second."
    )
    blocks = [Paragraph(head), Table(columns, rows, "<>>>>>><"), Paragraph(legend)]
    print(render_text(blocks))
    if usable_cores() > 1:
        print(two_workers(CASES[-1], rounds))
    if shutil.which("spin") is None:
        print("Spin is not installed (Debian: spin), so there is no comparison.")
        return
    cases = [*SPIN, *LARGE] if "--large" in sys.argv else SPIN
    with tempfile.TemporaryDirectory() as folder:
        spins = [row for case in cases for row in spin_rows(case, Path(folder))]
    columns = ("program", "checker", "states", "ms", "x", "MB")
    print(render_text([Table(columns, spins, "<<>>>>")]))


if __name__ == "__main__":
    main()
