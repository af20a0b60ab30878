"""The table of the parts of a race."""

from __future__ import annotations

from refrace.display.blocks import Table
from refrace.races.race_part import RacePart

__all__ = ["name_of", "table_of"]


def name_of(place: int, part: RacePart) -> str:
    """Return what the part at that place in the order of a race is called."""
    if place == 0:
        return "as asked for"
    return "widened gaps" if part.gaps == "widened" else "longer phases"


def _brief(number: int) -> str:
    """Return a number exactly below a million, and otherwise in millions."""
    return f"{number:,}" if number < 1_000_000 else f"{number / 1e6:.1f}M"


def table_of(parts: tuple[RacePart, ...]) -> Table:
    """Return a table with a row for each part; figures of parts are never summed."""
    rows = [
        (
            name_of(place, part),
            _brief(part.hold),
            _brief(part.objects),
            _brief(part.intact),
            _brief(part.leaked),
            _brief(part.freed_early),
            _brief(part.lost_increments + part.lost_decrements),
            f"{part.overlap:.1%}",
        )
        for place, part in enumerate(parts)
    ]
    header = ("part", "hold", "objects", "intact", "leaked", "early", "lost", "overlap")
    return Table(
        header,
        rows,
        caption="Each part of the race, in order",
    )
