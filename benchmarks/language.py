"""The time to read, write and store a program of a million lines.

    python benchmarks/language.py [LINES]

Two programs: one whose statements repeat, as written and generated programs do, and
one in which every line is different, the worst case.  Times are processor seconds of
this process; they rise in proportion to the number of lines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from refrace import Program
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text

HEAD = "slot S = A\nint N = 0\nT1:\n"
REPEATED = "x = S\nincref x\nuse x\nif x != null {\n  n = N\n}\ndecref x\n"
DIFFERENT = "x{0} = S\nincref x{0}\nn{0} = {0}\nb{0} = cas N {0} n{0}\n"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor seconds of `work` and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def main() -> None:
    """Print one row per program."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    texts = {
        "repeated": HEAD + REPEATED * (lines // 7),
        "different": HEAD + "".join(DIFFERENT.format(i) for i in range(lines // 4)),
    }
    rows = []
    for name, text in texts.items():
        reading, program = timed(lambda text=text: Program.parse(text))
        writing, _ = timed(program.__str__)
        storing, stored = timed(program.to_json)
        restoring, again = timed(lambda stored=stored: Program.from_json(stored))
        assert again == program
        seconds = (reading, writing, storing, restoring)
        rows.append((name, *(f"{second:.1f}" for second in seconds)))
    print(
        render_text(
            [
                Paragraph(f"{lines:,} lines: processor seconds"),
                Table(("statements", "parse", "str", "to_json", "from_json"), rows),
            ]
        )
    )


if __name__ == "__main__":
    main()
