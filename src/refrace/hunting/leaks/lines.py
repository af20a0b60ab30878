"""Which lines of Python allocated the memory that a leak keeps."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AllocatingLine", "allocating_lines"]

MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class AllocatingLine:
    """A line with more and more memory; C code counts for the line that called it.

    Attributes
    ----------
    place : str
        File name and line, or ``"an argument of the call"``.
    blocks_per_call, bytes_per_call : float
        Growth between two snapshots per call.
    """

    place: str
    blocks_per_call: float
    bytes_per_call: float


def allocating_lines(
    before: tracemalloc.Snapshot, after: tracemalloc.Snapshot, calls: int
) -> tuple[AllocatingLine, ...]:
    """Return the lines that grew by half a byte per call or more, largest first."""
    if not calls:
        return ()
    here = Path(__file__)
    own = str(here.parent)
    arguments = str(here.with_name("copies.py"))
    found = []
    for entry in after.compare_to(before, "lineno"):
        frame = entry.traceback[0]
        is_argument = frame.filename == arguments
        if frame.filename == tracemalloc.__file__ or (
            frame.filename.startswith(own) and not is_argument
        ):
            continue
        if entry.size_diff < calls / 2 or entry.count_diff <= 0:
            continue
        found.append(
            AllocatingLine(
                place=(
                    "an argument of the call"
                    if is_argument
                    else f"{Path(frame.filename).name}:{frame.lineno}"
                ),
                blocks_per_call=entry.count_diff / calls,
                bytes_per_call=entry.size_diff / calls,
            )
        )
    found.sort(key=lambda line: -line.bytes_per_call)
    return tuple(found[:MOST_LINES])
