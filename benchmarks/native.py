"""What the race loop costs beside a hand-written C loop of the same algorithm.

    python benchmarks/native.py [ROUNDS [MODE ...]]

Both run in this process, turn by turn (A B B A ...), and each ratio is formed within
its pair.  Threads are Python threads that released the GIL on our side and bare ones on
the other.  With two threads only those pairs count in which both had a core to
themselves: on a busy machine few are left, and a row with too few says so.

Where an object has an owner, one thread is measured on its own objects and on those
that another has made ("foreign"), and the owner beside `unlocked` over the same loop.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import refrace
from refrace._render.blocks import Paragraph, Table
from refrace._render.text import render_text

HERE = Path(__file__).parent
GOAL = 1.05
OWNER_GOAL = 1.3  # of an owner's operation to one of unlocked
HOLD = 50_000
RACES = 4
LEAST_OVERLAP = 0.5
LEAST_PAIRS = 5


def build(folder: Path) -> ctypes.CDLL:
    """Compile the hand-written loops with the flags of the C core."""
    library = folder / "hand_written.so"
    compiler = (sysconfig.get_config_var("CC") or "cc").split()
    flags = ["-std=gnu11", "-O3", "-fPIC", "-shared", "-pthread"]
    source = HERE / "hand_written.c"
    subprocess.run([*compiler, *flags, str(source), "-o", str(library)], check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.hand_written_ns.restype = ctypes.c_double
    loaded.hand_written_ns.argtypes = [
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int64,
        ctypes.c_int,
        ctypes.POINTER(ctypes.c_double),
    ]
    return loaded


def race_ns(mode: str, threads: int, objects: str) -> tuple[float, float]:
    """Return the ns that an operation takes a thread of a race, and the overlap."""
    report = refrace.race(
        mode,
        threads=threads,
        objects=RACES,
        hold=HOLD,
        shared=objects == "shared",
        owner="elsewhere" if objects == "foreign" else "racing",
        seed=0,
    )
    return report.busy_s * 1e9 / (2 * HOLD * RACES), report.overlap


def hand_written_ns(
    loops: ctypes.CDLL, mode: str, threads: int, objects: str
) -> tuple[float, float]:
    """Return the same two figures of the hand-written loop."""
    overlap = ctypes.c_double()
    ns = loops.hand_written_ns(
        mode.encode(),
        threads,
        objects == "shared",
        objects == "foreign",
        HOLD,
        RACES,
        ctypes.byref(overlap),
    )
    if ns < 0:
        raise SystemExit(f"hand_written.c has no loop for {mode}; write one")
    return ns, overlap.value


def measure(
    loops: ctypes.CDLL, mode: str, threads: int, objects: str, rounds: int
) -> list[tuple[float, float]]:
    """Return the pairs (ours, theirs) in which the threads of both sides met."""
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            ours = race_ns(mode, threads, objects)
            theirs = hand_written_ns(loops, mode, threads, objects)
        else:
            theirs = hand_written_ns(loops, mode, threads, objects)
            ours = race_ns(mode, threads, objects)
        if threads == 1 or min(ours[1], theirs[1]) >= LEAST_OVERLAP:
            pairs.append((ours[0], theirs[0]))
    return pairs


def row_of(name: str, threads: int, objects: str, pairs: list) -> tuple[str, ...]:
    """Return one row of the table."""
    setting = (name, str(threads), objects, str(len(pairs)))
    if len(pairs) < LEAST_PAIRS:
        return (*setting, "", "", "", "", "-")
    ours, theirs = (refrace.Spread.of(side) for side in zip(*pairs, strict=True))
    ratio = refrace.Spread.of([a / b for a, b in pairs])
    return (
        *setting,
        f"{ours.median:.2f}",
        f"{theirs.median:.2f}",
        f"{ratio.median:.3f}",
        f"{ratio.low:.3f}-{ratio.high:.3f}",
        "" if ratio.median <= GOAL else "*",
    )


def beside_unlocked(mode: str, rounds: int) -> str:
    """Measure the owner's operation in pairs with that of unlocked; tell the ratio."""
    ratios = []
    for turn in range(rounds):
        order = (mode, "unlocked") if turn % 2 else ("unlocked", mode)
        ns = {name: race_ns(name, 1, "private")[0] for name in order}
        ratios.append(ns[mode] / ns["unlocked"])
    ratio = refrace.Spread.of(ratios)
    missed = "" if ratio.median <= OWNER_GOAL else ", missed"
    return (
        f"{mode}, owner, to unlocked over the same loop: {ratio.median:.3f} "
        f"({ratio.low:.3f}-{ratio.high:.3f}); goal {OWNER_GOAL} at most{missed}."
    )


def cases_of(mode: refrace.Mode) -> list[tuple[int, str]]:
    """Return numbers of threads, and whose objects they count on."""
    foreign = [(1, "foreign")] if mode.has_owner else []
    return [(1, "private"), *foreign, (2, "shared"), (2, "private")]


def main() -> None:
    """Measure every mode on one thread and on two, and print one table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    modes = [refrace.mode(name) for name in sys.argv[2:]] or refrace.modes()
    with tempfile.TemporaryDirectory() as folder:
        loops = build(Path(folder))
        rows = [
            row_of(
                mode.name,
                threads,
                objects,
                measure(loops, mode.name, threads, objects, rounds),
            )
            for mode in modes
            for threads, objects in cases_of(mode)
        ]
        owners = [
            Paragraph(beside_unlocked(mode.name, rounds))
            for mode in modes
            if mode.has_owner
        ]
    header = ("mode", "thr", "objects", "pairs", "race", "hand", "ratio", "quartiles")
    said = (
        f"ns per operation in the race loop and in a hand-written one; {rounds} pairs, "
        f"those kept whose threads were inside together {LEAST_OVERLAP:.0%} of the "
        f"time on both sides; goal {GOAL} at most, * where it is missed, - where too "
        "few met."
    )
    print(
        render_text(
            [
                Paragraph(said),
                Table((*header, ""), rows, "<><>>>>><"),
                *owners,
                Paragraph(f"{refrace.Environment.current()}."),
            ]
        )
    )


if __name__ == "__main__":
    main()
