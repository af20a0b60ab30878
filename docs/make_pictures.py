"""Draw the picture of the README: the counterexample of an unlocked decref."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

import refrace

DOCS = Path(__file__).parent
PICTURE = DOCS / "counterexample.svg"
PROGRAM = DOCS.parent / "examples" / "programs" / "shared-decref.race"
WIDTH = 80

# What a line of the trace is, by what it begins with, and how it is drawn.
STYLES = (
    (re.compile(r"^(unlocked: leak:|is lost)"), "bold red"),
    (re.compile(r"^\s+-- preempted --$"), "yellow"),
    (re.compile(r"^\s+T1\s+T2"), "bold"),
    (re.compile(r"^\s+\d+  decref"), "bright_cyan"),
    (re.compile(r"^\s+\d+\s{10,}decref"), "bright_magenta"),
)


def lines() -> list[str]:
    """Return the finding and its smallest run, without the command that replays it."""
    found = refrace.explore(PROGRAM, "unlocked")
    text = str(found.counterexample("leak"))
    kept = []
    for line in text.splitlines():
        if line.startswith("-- preempted --"):
            break
        if not line.strip().startswith("refrace replay"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip().splitlines()


def style_of(line: str) -> str:
    """Return how a line is drawn."""
    return next((style for looks, style in STYLES if looks.match(line)), "")


def drawn(text: list[str]) -> str:
    """Return lines as an SVG that asks no network for a font."""
    console = Console(width=WIDTH, record=True, file=io.StringIO())
    for line in text:
        console.print(Text(line, style=style_of(line)))
    svg = console.export_svg(
        title="refrace explore shared-decref.race --mode unlocked",
        unique_id="counterexample",
    )
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(lines()), encoding="utf-8")


if __name__ == "__main__":
    main()
