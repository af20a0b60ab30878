"""What the race loop costs beside a hand-written C loop of the same algorithm.

    python benchmarks/native.py [ROUNDS [MODE ...]]

MODE may be CPython, too: Py_INCREF and Py_DECREF of the interpreter that runs this,
compiled against its headers, in the place of our race; beside them the hand-written
loop of biased, or, where a GIL guards a plain count, that of unlocked.

Both run in this process, turn by turn (A B B A ...), and each ratio is formed within
its pair.  Threads are Python threads that released the GIL on our side and bare ones on
the other.  With two threads only those pairs count in which both had a core to
themselves: on a busy machine few are left, and a row with too few says so.

Where an object has an owner, one thread is measured on its own objects and on those
that another has made ("foreign"), and the owner beside `unlocked` over the same loop.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import refrace
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text

HERE = Path(__file__).parent
GOAL = 1.05
OWNER_GOAL = 1.3  # of an owner's operation to one of unlocked
HOLD = 50_000
RACES = 4
LEAST_OVERLAP = 0.5
LEAST_WITH_OWNER = 0.3  # of a shared object: its owner is through first
LEAST_PAIRS = 5


CPYTHON = "CPython"
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
LIKE_CPYTHON = "biased" if FREE_THREADED else "unlocked"

Case = tuple[int, str, float]
"""Threads, whose objects, and the least overlap of a pair that counts."""

Measure = Callable[[int, str], tuple[float, float]]
"""From threads and whose objects to ns per operation and thread, and the overlap."""

# What hand_written_ns and cpython_ns take: threads, shared, foreign, hold, rounds, and
# where the overlap goes.
SETTING = (
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_double),
)


def compiled(folder: Path, source: str, *flags: str) -> str:
    """Compile hand-written loops with the flags of the C core; return the library."""
    library = folder / f"{Path(source).stem}.so"
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    flags = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-pthread", *flags)
    built = [*compiler, *flags, str(HERE / source), "-o", str(library)]
    try:
        subprocess.run(built, check=True)
    except OSError as error:
        raise SystemExit(
            f"benchmarks: the C compiler {compiler[0]!r} cannot be run: "
            f"{error.strerror}; install one, or name one in CC"
        ) from None
    return str(library)


def build_loops(folder: Path) -> ctypes.CDLL:
    """Return the hand-written loops of the modes."""
    loops = ctypes.CDLL(compiled(folder, "hand_written.c"))
    loops.hand_written_ns.restype = ctypes.c_double
    loops.hand_written_ns.argtypes = [ctypes.c_char_p, *SETTING]
    return loops


def build_cpython(folder: Path) -> ctypes.PyDLL:
    """Return the loops over CPython's own counts."""
    include = f"-I{sysconfig.get_paths()['include']}"
    loops = ctypes.PyDLL(compiled(folder, "cpython/counts.c", include))
    loops.cpython_ns.restype = ctypes.c_double
    loops.cpython_ns.argtypes = [*SETTING]
    return loops


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


def setting(threads: int, objects: str, overlap: ctypes.c_double) -> tuple:
    """Return the arguments of :data:`SETTING`."""
    return (
        threads,
        objects == "shared",
        objects == "foreign",
        HOLD,
        RACES,
        ctypes.byref(overlap),
    )


def hand_written_ns(
    loops: ctypes.CDLL, mode: str, threads: int, objects: str
) -> tuple[float, float]:
    """Return the same two figures of the hand-written loop."""
    overlap = ctypes.c_double()
    ns = loops.hand_written_ns(mode.encode(), *setting(threads, objects, overlap))
    if ns < 0:
        raise SystemExit(f"hand_written.c has no loop for {mode}; write one")
    return ns, overlap.value


def cpython_ns(loops: ctypes.PyDLL, threads: int, objects: str) -> tuple[float, float]:
    """Return the same two figures of CPython's own counts."""
    overlap = ctypes.c_double()
    ns = loops.cpython_ns(*setting(threads, objects, overlap))
    return ns, overlap.value


def measure(
    ours: Measure, theirs: Measure, case: Case, rounds: int
) -> list[tuple[float, float]]:
    """Return the pairs (ours, theirs) in which the threads of both sides met."""
    threads, objects, least = case
    pairs = []
    for turn in range(rounds):
        sides = (ours, theirs) if turn % 2 else (theirs, ours)
        measured = {side: side(threads, objects) for side in sides}
        (a, met_a), (b, met_b) = measured[ours], measured[theirs]
        if threads == 1 or min(met_a, met_b) >= least:
            pairs.append((a, b))
    return pairs


def row_of(name: str, case: Case, pairs: list) -> tuple[str, ...]:
    """Return one row of the table."""
    threads, objects, _ = case
    setting = (name, str(threads), objects, str(len(pairs)))
    if len(pairs) < LEAST_PAIRS:
        return (*setting, "", "", "", "", "-")
    ours, theirs = (refrace.Spread.of(side) for side in zip(*pairs, strict=True))
    ratio = refrace.Spread.of([a / b for a, b in pairs])
    missed = name != CPYTHON and ratio.median > GOAL
    return (
        *setting,
        f"{ours.median:.2f}",
        f"{theirs.median:.2f}",
        f"{ratio.median:.3f}",
        f"{ratio.low:.3f}-{ratio.high:.3f}",
        "*" if missed else "",
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


def cases_of(has_owner: bool, takes_turns: bool = False) -> list[Case]:
    """Return what is measured of a scheme: with owners or without, one at a time."""
    least = 0.0 if takes_turns else LEAST_OVERLAP
    alone, apart = (1, "private", 0.0), (2, "private", least)
    if has_owner:
        return [alone, (1, "foreign", 0.0), (2, "shared", LEAST_WITH_OWNER), apart]
    return [alone, (2, "shared", least), apart]


def cpython_cases() -> list[Case]:
    """Return the same for CPython: a GIL lets no two threads in at a time."""
    return cases_of(has_owner=True) if FREE_THREADED else cases_of(has_owner=False)[:1]


def about_cpython() -> str:
    """Tell what CPython's rows are."""
    build = (
        "this build has no GIL"
        if FREE_THREADED
        else "this build holds the GIL meanwhile, so one thread is all there is"
    )
    return (
        f"{CPYTHON}: Py_INCREF and Py_DECREF of the interpreter at hand, in a loop in "
        f"the place of a race; {build}. By hand: {LIKE_CPYTHON}. There is no goal."
    )


def main() -> None:
    """Measure every mode on one thread and on two, and print one table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    names = sys.argv[2:] or [*(mode.name for mode in refrace.modes()), CPYTHON]
    modes = [refrace.mode(name) for name in names if name != CPYTHON]
    said = [
        f"ns per operation in the race loop and in a hand-written one; {rounds} pairs, "
        f"those kept whose threads were inside together {LEAST_OVERLAP:.0%} of the "
        f"time on both sides ({LEAST_WITH_OWNER:.0%} where one of them is the owner, "
        f"who is through first, and of gil any); goal {GOAL} at most, * where it is "
        "missed, - where too few met."
    ]
    with tempfile.TemporaryDirectory() as folder:
        loops = build_loops(Path(folder))
        sides = [
            (
                mode.name,
                partial(race_ns, mode.name),
                mode.name,
                cases_of(mode.has_owner, takes_turns=mode.name == "gil"),
            )
            for mode in modes
        ]
        if CPYTHON in names:
            counts = partial(cpython_ns, build_cpython(Path(folder)))
            sides.append((CPYTHON, counts, LIKE_CPYTHON, cpython_cases()))
            said.append(about_cpython())
        rows = [
            row_of(
                name,
                case,
                measure(ours, partial(hand_written_ns, loops, by_hand), case, rounds),
            )
            for name, ours, by_hand, cases in sides
            for case in cases
        ]
        said += [beside_unlocked(mode.name, rounds) for mode in modes if mode.has_owner]
    header = ("mode", "thr", "objects", "pairs", "race", "hand", "ratio", "quartiles")
    print(
        render_text(
            [
                Paragraph(said[0]),
                Table((*header, ""), rows, "<><>>>>><"),
                *(Paragraph(words) for words in said[1:]),
                Paragraph(f"{refrace.Environment.current()}."),
            ]
        )
    )


if __name__ == "__main__":
    main()
