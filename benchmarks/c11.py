"""Speed of the explorer under C11, compared with its own speed without.

    python benchmarks/c11.py [ROUNDS] [--prove MODE]

Each line has the transitions a second of both memory models and their ratio: the median
of ROUNDS rounds (default 5), with the least and the greatest.  A round explores the
program once in each model, one after the other in this process, so that the ratio
depends little on what else the machine does.  Times are processor time and include
exact counts, probabilities and shortest runs.  The stores of the owner in biased need
more old values than an exploration keeps by default, so here it keeps as many as it
can.  --prove compares the time of a whole proof, once in each model.
"""

from __future__ import annotations

import statistics
import sys
import time

import refrace
from refrace import Program
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text
from refrace.explorer.memory import MOST_HISTORY, Memory
from refrace.explorer.model.results import Explored
from refrace.explorer.session import Session

GOAL, GOAL_OF_PROOFS = 0.4, 3.0
MAX_BYTES = 2**32


def increments(threads: int, times: int, order: str) -> str:
    """Return increments that load and store."""
    body = f"  n = N {order}\n  N = n + 1 {order}\n" * times
    return "int N = 0\n" + "".join(f"T{t}:\n{body}" for t in range(1, threads + 1))


def drops(threads: int, times: int) -> str:
    """Return clones that are used and dropped, and a last drop."""
    body = "  incref x\n  use x\n  decref x\n" * times + "  decref x\n"
    names = [f"T{t}" for t in range(1, threads + 1)]
    holds = "".join(f"hold {t}.x = A\n" for t in names)
    return holds + "".join(f"{t}:\n{body}" for t in names)


CASES = [
    ("3 x 3 increments, relaxed", increments(3, 3, "relaxed"), "atomic"),
    ("4 x 2 increments, relaxed", increments(4, 2, "relaxed"), "atomic"),
    ("3 x 8 increments, seq_cst", increments(3, 8, "seq_cst"), "atomic"),
    ("3 x 4 clones", drops(3, 4), "atomic"),
    ("5 x 5 clones", drops(5, 5), "atomic"),
    ("3 x 2 clones", drops(3, 2), "biased"),
]


def explore(text: str, mode: str, memory: Memory) -> tuple[float, Explored]:
    """Return the processor time of an exploration in seconds, and its result."""
    session = Session(Program.parse(text), refrace.mode(mode), memory=memory)
    began = time.process_time()
    result = session.explore(10**9, 600.0, MAX_BYTES)
    seconds = time.process_time() - began
    if not result.finished:
        raise SystemExit(
            f"{mode}, {memory}: stopped at the limit {result.limit!r} after "
            f"{result.states:,} states; choose a smaller program:\n{text}"
        )
    return seconds, result


def row_of(case: tuple[str, str, str], rounds: int) -> tuple[str, ...]:
    """Return one row of the table."""
    name, text, mode = case
    speeds, ratios = [], []
    for _ in range(rounds):
        strong_s, strong = explore(text, mode, Memory())
        weak_s, weak = explore(text, mode, Memory("c11", MOST_HISTORY))
        speeds.append((strong.transitions / strong_s, weak.transitions / weak_s))
        ratios.append(speeds[-1][1] / speeds[-1][0])
    ratio = statistics.median(ratios)
    return (
        f"{name} ({mode})",
        f"{strong.states:,}",
        f"{weak.states:,}",
        f"{statistics.median(s for s, _ in speeds) / 1e6:.2f}",
        f"{statistics.median(w for _, w in speeds) / 1e6:.2f}",
        f"{ratio:.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        "met" if ratio >= GOAL else f"under {GOAL:g}",
    )


def proof_of(mode: str) -> str:
    """Return how much longer a proof takes under C11."""
    times = []
    for memory in ("sc", "c11"):
        began = time.process_time()
        refrace.prove(mode, memory=memory)
        times.append(time.process_time() - began)
    ratio = times[1] / times[0]
    goal = "met" if ratio <= GOAL_OF_PROOFS else f"over {GOAL_OF_PROOFS:g}"
    return (
        f"prove({mode!r}): {times[0]:.1f} s, under C11 {times[1]:.1f} s: "
        f"{ratio:.2f} times ({goal})"
    )


def main() -> None:
    """Measure the programs, or the proof that was asked for."""
    arguments = sys.argv[1:]
    if "--prove" in arguments:
        print(proof_of(arguments[arguments.index("--prove") + 1]))
        return
    rounds = int(arguments[0]) if arguments else 5
    heads = ("program", "states", "c11", "M steps/s", "c11", "ratio", "goal")
    rows = [row_of(case, rounds) for case in CASES]
    blocks = [
        Table(heads, rows, "<>>>>><"),
        Paragraph("States, and steps in a second, of both memory models."),
    ]
    print(render_text(blocks))


if __name__ == "__main__":
    main()
