"""How soon the buggy programs of the gallery fail on real threads.

    python benchmarks/gallery_races.py [--rounds N] [--seeds N] [--mode MODE] [--table]

For each program, the round by which it failed: in natural rounds only, in widened
rounds only, and in both as ``gaps="auto"`` runs them.  The fixed programs run in
widened rounds too, and must show no finding.  The figures are those of the machine as
it is: run this on an idle machine, next to busy processes (four of
``python -c "while True: pass"``), and under ``taskset -c 0``.
"""

from __future__ import annotations

import argparse
import os
import time

import refrace
from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.text import render_text
from refrace.races.program_race import NATURAL_SHARE

GAPS = ("natural", "widened", "auto")


def narrows_a_counter(program: refrace.Program) -> bool:
    """Return whether a program needs a count that is narrower than a native one."""
    return " max " in str(program)


def first_corrupt(
    program: refrace.Program, mode: str, gaps: str, rounds: int, seed: int
) -> int | None:
    """Return a round by which the program failed; None: it did not fail.

    Natural rounds run once: the last one.  Widened rounds: the next power of two,
    because a longer race runs only if a shorter one was clean.  Both: the exact round
    if it was a widened one, else the last natural round that would have run without a
    finding.
    """
    if gaps == "widened":
        lengths = [2**n for n in range(rounds.bit_length()) if 2**n < rounds]
    else:
        lengths = []
    for n in [*lengths, rounds]:
        report = refrace.race(
            mode, program=program, gaps=gaps, rounds=n, seed=seed, seconds=1000
        )
        if report.widened is not None and gaps == "auto":
            n = report.rounds + report.widened.rounds
        elif gaps == "auto":
            n = max(1, rounds // NATURAL_SHARE)
        if report.findings:
            return n
    return None


def summary(found: dict[str, list[list[int | None]]], rounds: int) -> list[Block]:
    """Return a row for each way of racing: how many failed, and how soon."""
    rows = []
    for gaps, programs in found.items():
        n_seeds = len(programs[0])
        always = sum(None not in numbers for numbers in programs)
        races = [number for numbers in programs for number in numbers]
        wrong = sorted(number for number in races if number is not None)
        rows.append(
            (
                gaps,
                f"{always} of {len(programs)}",
                f"{len(wrong)} of {len(races)}",
                str(wrong[len(wrong) // 2]) if wrong else "",
                str(wrong[-1]) if wrong else "",
            )
        )
    head = ("gaps", f"with all {n_seeds} seeds", "races", "median round", "latest")
    return [
        Paragraph(f"Buggy programs that failed within {rounds} rounds:"),
        Table(head, rows, align="<>>>>"),
    ]


def main() -> None:
    """Print the table, what was missed, and whether fixed programs stayed intact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--mode", help="default: the one that a pattern is about")
    parser.add_argument("--table", action="store_true", help="a row for each program")
    asked = parser.parse_args()
    began = time.monotonic()
    by_default = asked.mode or "that each pattern is about"
    found: dict[str, list[list[int | None]]] = {gaps: [] for gaps in GAPS}
    rows, missed, left_out, spoilt, n_fixed = [], [], [], [], 0
    for slug in refrace.gallery:
        for variant in refrace.gallery[slug].variants:
            name = f"{variant.id} {slug}"
            is_seen = variant.memory == "sc" and variant.gil == "released"
            if narrows_a_counter(variant.buggy) or not is_seen:
                left_out.append(name)
                continue
            mode = asked.mode or variant.mode
            row = [name]
            for gaps in GAPS:
                numbers = [
                    first_corrupt(variant.buggy, mode, gaps, asked.rounds, seed)
                    for seed in range(asked.seeds)
                ]
                found[gaps].append(numbers)
                row.append(" ".join("-" if n is None else str(n) for n in numbers))
            if None in found["auto"][-1]:
                missed.append(name)
            rows.append(tuple(row))
            for seed in range(asked.seeds):
                report = refrace.race(
                    mode,
                    program=variant.fixed,
                    gaps="widened",
                    rounds=asked.rounds,
                    seed=seed,
                    seconds=1000,
                )
                n_fixed += 1
                if report.judgement != "clean":
                    spoilt.append(name)
    blocks = summary(found, asked.rounds)
    if asked.table:
        blocks.append(Table(("program", *GAPS), rows))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else "?"
    blocks += [
        Paragraph(f"Missed with gaps=auto: {', '.join(missed) or 'none'}."),
        Paragraph(f"Cannot be run natively: {', '.join(left_out) or 'none'}."),
        Paragraph(
            f"Fixed programs, widened: {n_fixed} races, not clean: "
            f"{', '.join(spoilt) or 'none'}."
        ),
        Paragraph(
            f"Mode {by_default}, {cores} of this machine's cores, load "
            f"{os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s."
        ),
    ]
    print(render_text(blocks))


if __name__ == "__main__":
    main()
