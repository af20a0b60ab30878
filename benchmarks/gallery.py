"""The time to check the gallery: in atomic only, and in every mode.

    python benchmarks/gallery.py [ROUNDS]

Times are processor seconds of this process, which computes on one core: the median of
the rounds (default 3) and the slowest.  The limits are those that the tests check.
"""

from __future__ import annotations

import statistics
import sys
import time

import refrace
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text

LIMITS = {"atomic": 2.0, "every mode": 60.0}


def measured(modes: list[str] | None) -> tuple[float, refrace.GalleryMatrix]:
    """Return the processor seconds of one check and its result."""
    start = time.process_time()
    matrix = refrace.check_gallery(modes)
    return time.process_time() - start, matrix


def main() -> None:
    """Print a row for each of the two, and the slowest variants of the full matrix."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    list(refrace.gallery.values())  # read and checked once, before the clock starts
    rows = []
    for name, limit in LIMITS.items():
        modes = None if name == "every mode" else [name]
        runs = [measured(modes) for _ in range(rounds)]
        seconds = [second for second, _ in runs]
        matrix = runs[-1][1]
        assert not matrix.findings
        assert matrix.is_conclusive
        states = sum(cell.states for cell in matrix.cells)
        rows.append(
            (
                name,
                str(2 * len(matrix.cells)),
                f"{states:,}",
                f"{statistics.median(seconds):.2f}",
                f"{max(seconds):.2f}",
                f"{limit:.0f}",
            )
        )
    slowest = sorted(matrix.cells, key=lambda cell: cell.elapsed_s)[-5:][::-1]
    print(
        render_text(
            [
                Paragraph("Checking the gallery, with the GIL held and released:"),
                Table(
                    ("modes", "programs", "states", "median s", "slowest s", "limit s"),
                    rows,
                ),
                Paragraph("The slowest pairs of programs of the full matrix:"),
                Table(
                    ("", "pattern", "mode", "GIL", "states", "seconds"),
                    [
                        (
                            cell.variant,
                            cell.pattern,
                            cell.mode,
                            cell.gil,
                            f"{cell.states:,}",
                            f"{cell.elapsed_s:.3f}",
                        )
                        for cell in slowest
                    ],
                    "<<<<>>",
                ),
                Paragraph(f"{refrace.Environment.current()}."),
            ]
        )
    )


if __name__ == "__main__":
    main()
