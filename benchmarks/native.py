"""The cost of the race loop, compared with a hand-written C loop of the same algorithm.

    python benchmarks/native.py [ROUNDS [MODE ...]]

MODE may also be CPython: Py_INCREF and Py_DECREF of the interpreter that runs this,
compiled against its headers, instead of our race.  They are compared with the
hand-written loop of biased, or, if a GIL guards a plain count, with that of unlocked.

Two costs are measured: latency, where a thread counts one object again and again, and
throughput, where it loops over many.  The hand-written loop is compiled with its body
once, four and sixteen times in a row, and the fastest of these is the reference.  A row
in which they differ by more than 5 % is flagged: there the figure of "the" hand-written
loop depends on how it was unrolled.

Both run in this process in turns (A B B A ...), and each ratio is computed within its
pair.  Our threads are Python threads that have released the GIL; the others are bare
ones.  With two threads only those pairs count in which both had a core to themselves.
On a busy machine few are left, and a row with too few says so.

If an object has an owner, one thread is measured on its own objects and on those that
another has made ("foreign").  The owner is compared with `unlocked` in the same loop.
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
from statistics import median

import refrace
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text
from refrace.races import prices as _prices

HERE = Path(__file__).parent
GOAL = 1.05
OWNER_GOAL = 1.3  # ratio of an owner's operation to one of unlocked
OPERATIONS = 50_000
RACES = 4
UNROLLED = (1, 4, 16)
VARIES = 1.05  # ratio of the slowest to the fastest unrolling
LEAST_OVERLAP = 0.5
LEAST_WITH_OWNER = 0.3  # with a shared object: its owner finishes first
LEAST_PAIRS = 5
WORKLOADS = ("latency", "throughput")

CPYTHON = "CPython"
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
LIKE_CPYTHON = "biased" if FREE_THREADED else "unlocked"

Case = tuple[int, str, float, str]
"""Threads, whose objects, the least overlap of a pair that counts, and the workload."""

Measure = Callable[[int, str, str], tuple[float, float]]
"""From threads, whose objects and workload to ns per operation, and the overlap."""

# Arguments of cpython_ns: threads, shared, foreign, hold, rounds, and a pointer for the
# overlap; hand_written_ns also takes the objects at a time, before the hold.
COUNTS = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
REST = (ctypes.c_int64, ctypes.c_int, ctypes.POINTER(ctypes.c_double))


def compiled(folder: Path, source: str, name: str, *flags: str) -> str:
    """Compile hand-written loops with the flags of the C core; return the library."""
    library = folder / f"{name}.so"
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


def build_loops(folder: Path) -> dict[int, ctypes.CDLL]:
    """Return the hand-written loops, by how often each repeats its body."""
    built = {}
    for times in UNROLLED:
        name = f"hand_written_{times}"
        library = compiled(folder, "hand_written.c", name, f"-DTIMES={times}")
        built[times] = ctypes.CDLL(library)
        built[times].hand_written_ns.restype = ctypes.c_double
        built[times].hand_written_ns.argtypes = [
            ctypes.c_char_p,
            *COUNTS,
            ctypes.c_int64,
            *REST,
        ]
    return built


def build_cpython(folder: Path) -> ctypes.PyDLL:
    """Return the loops over CPython's own counts."""
    include = f"-I{sysconfig.get_paths()['include']}"
    loops = ctypes.PyDLL(compiled(folder, "cpython/counts.c", "counts", include))
    loops.cpython_ns.restype = ctypes.c_double
    loops.cpython_ns.argtypes = [*COUNTS, *REST]
    return loops


def race_ns(
    mode: str, threads: int, objects: str, workload: str = "latency"
) -> tuple[float, float]:
    """Return the ns that an operation takes a thread of a race, and the overlap."""
    price = _prices.measure(
        [each.name for each in refrace.modes()].index(mode),
        threads,
        "shared" if objects == "shared" else "private",
        "elsewhere" if objects == "foreign" else "racing",
        workload,
        operations=OPERATIONS,
        rounds=RACES,
    )
    return price.ns, price.overlap


def hand_written_ns(
    loops: ctypes.CDLL,
    mode: str,
    threads: int,
    objects: str,
    workload: str = "latency",
) -> tuple[float, float]:
    """Return the same two figures of the hand-written loop."""
    together = 1 if workload == "latency" else _prices.MANY
    overlap = ctypes.c_double()
    ns = loops.hand_written_ns(
        mode.encode(),
        threads,
        objects == "shared",
        objects == "foreign",
        together,
        -(-OPERATIONS // together),
        RACES,
        ctypes.byref(overlap),
    )
    if ns < 0:
        raise SystemExit(f"hand_written.c has no loop for {mode}; write one")
    return ns, overlap.value


def cpython_ns(
    loops: ctypes.PyDLL, threads: int, objects: str, _workload: str = "latency"
) -> tuple[float, float]:
    """Return the same two figures of CPython's own counts."""
    overlap = ctypes.c_double()
    ns = loops.cpython_ns(
        threads,
        objects == "shared",
        objects == "foreign",
        OPERATIONS,
        RACES,
        ctypes.byref(overlap),
    )
    return ns, overlap.value


Pair = tuple[float, tuple[float, ...]]
"""Ns per operation on our side, and by hand for each of UNROLLED."""


def measure(
    ours: Measure, theirs: list[Measure], case: Case, rounds: int
) -> list[Pair]:
    """Return the pairs in which the threads of both sides met."""
    threads, objects, least, workload = case
    pairs = []
    for turn in range(rounds):
        sides = [ours, *theirs] if turn % 2 else [*theirs, ours]
        measured = {side: side(threads, objects, workload) for side in sides}
        met = min(overlap for _, overlap in measured.values())
        if threads == 1 or met >= least:
            pairs.append((measured[ours][0], tuple(measured[by][0] for by in theirs)))
    return pairs


def unrolled_medians(pairs: list[Pair]) -> list[float]:
    """Return the median ns by hand for each of UNROLLED."""
    return [median(column) for column in zip(*(by for _, by in pairs), strict=True)]


def row_of(name: str, case: Case, pairs: list[Pair]) -> tuple[str, ...]:
    """Return one row of the table."""
    threads, objects, _, workload = case
    setting = (name, str(threads), objects, workload[:4], str(len(pairs)))
    if len(pairs) < LEAST_PAIRS:
        return (*setting, "", "", "", "", "-")
    medians = unrolled_medians(pairs)
    quickest = medians.index(min(medians))
    ours = median(ns for ns, _ in pairs)
    ratio = refrace.Spread.of([ns / by[quickest] for ns, by in pairs])
    missed = name != CPYTHON and ratio.median > GOAL
    # With several threads the form matters little next to which one has the cache line.
    varies = threads == 1 and max(medians) > VARIES * min(medians)
    return (
        *setting,
        f"{ours:.2f}",
        f"{medians[quickest]:.2f}",
        f"{ratio.median:.3f}",
        f"{ratio.low:.3f}-{ratio.high:.3f}",
        ("*" if missed else "") + ("~" if varies else ""),
    )


def about_unrolling(name: str, case: Case, pairs: list[Pair]) -> str | None:
    """Describe how unrolling changes the hand-written loop; None if it does not."""
    threads, objects, _, workload = case
    if threads > 1 or len(pairs) < LEAST_PAIRS:
        return None
    medians = unrolled_medians(pairs)
    if max(medians) <= VARIES * min(medians):
        return None
    figures = ", ".join(
        f"{ns:.2f} x{times}" for ns, times in zip(medians, UNROLLED, strict=True)
    )
    return f"~ {name}, {objects}, {workload}, by hand: {figures} (ns, times unrolled)."


def beside_unlocked(mode: str, rounds: int) -> str:
    """Measure the owner's operation in pairs with unlocked; report the ratio."""
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
    """Return what is measured for a scheme: with owners or without, one at a time."""
    least = 0.0 if takes_turns else LEAST_OVERLAP
    alone, apart = (1, "private", 0.0), (2, "private", least)
    if has_owner:
        wanted = [alone, (1, "foreign", 0.0), (2, "shared", LEAST_WITH_OWNER), apart]
    else:
        wanted = [alone, (2, "shared", least), apart]
    return [(*case, workload) for case in wanted for workload in WORKLOADS]


def cpython_cases() -> list[Case]:
    """Return the same for CPython: one object, and under a GIL one thread."""
    cases = [case for case in cases_of(FREE_THREADED) if case[3] == "latency"]
    return cases if FREE_THREADED else cases[:1]


def about_cpython() -> str:
    """Describe CPython's rows."""
    build = (
        "this build has no GIL"
        if FREE_THREADED
        else "this build holds the GIL, so there is only one thread"
    )
    return (
        f"{CPYTHON}: Py_INCREF and Py_DECREF of this interpreter, in a loop "
        f"instead of a race; {build}. By hand: {LIKE_CPYTHON}. There is no goal."
    )


def main() -> None:
    """Measure every mode on one thread and on two, and print one table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    names = sys.argv[2:] or [*(mode.name for mode in refrace.modes()), CPYTHON]
    modes = [refrace.mode(name) for name in names if name != CPYTHON]
    said = [
        f"ns per operation in the race loop and in a hand-written one; {rounds} pairs, "
        f"those kept whose threads were inside together {LEAST_OVERLAP:.0%} of the "
        f"time on both sides ({LEAST_WITH_OWNER:.0%} if one of them is the owner, "
        f"which finishes first, and any with gil); goal {GOAL} at most, * where it is "
        "missed, - if too few pairs count, ~ if the hand-written loop of one thread "
        f"varies by more than {VARIES - 1:.0%} with its unrolling (the fastest form "
        f"counts). late: one object again and again; thro: a loop over {_prices.MANY}."
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
        rows, varying = [], []
        for name, ours, by_hand, cases in sides:
            theirs = [
                partial(hand_written_ns, each, by_hand) for each in loops.values()
            ]
            for case in cases:
                pairs = measure(ours, theirs, case, rounds)
                rows.append(row_of(name, case, pairs))
                varying.append(about_unrolling(name, case, pairs))
        said += [words for words in varying if words is not None]
        said += [beside_unlocked(mode.name, rounds) for mode in modes if mode.has_owner]
    header = (
        "mode",
        "thr",
        "objects",
        "load",
        "n",
        "race",
        "hand",
        "ratio",
        "quartiles",
    )
    print(
        render_text(
            [
                Paragraph(said[0]),
                Table((*header, ""), rows, "<><<>>>>><"),
                *(Paragraph(words) for words in said[1:]),
                Paragraph(f"{refrace.Environment.current()}."),
            ]
        )
    )


if __name__ == "__main__":
    main()
