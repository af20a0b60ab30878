"""Draw the picture of the README: the counterexample of an unlocked decref."""

from __future__ import annotations

from pathlib import Path

import refrace

DOCS = Path(__file__).parent
PICTURE = DOCS / "counterexample.svg"
PROGRAM = DOCS.parent / "examples" / "programs" / "shared-decref.race"


def drawn() -> str:
    """Return the space-time diagram of the smallest run to the leak."""
    return refrace.explore(PROGRAM, "unlocked").counterexample("leak").svg() + "\n"


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
