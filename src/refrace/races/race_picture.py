"""The picture of a race: what became of the objects, a bar for each part."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.display.pictures.bars import Bar, Part, Tone, bars_picture
from refrace.display.pictures.picture import Picture
from refrace.races.parts_table import name_of
from refrace.races.race_part import RacePart

__all__ = ["race_picture"]


def race_picture(title: str, answer: str, parts: Sequence[RacePart]) -> Picture:
    """Return a bar for each part, in the order in which they were run."""
    bars = [_bar(place, part) for place, part in enumerate(parts)]
    return bars_picture(title, bars, answer, unit="objects")


def _bar(place: int, part: RacePart) -> Bar:
    fates: tuple[tuple[str, int, Tone], ...] = (
        ("intact", part.intact, "good"),
        ("leaked", part.leaked, "warn"),
        ("freed early", part.freed_early, "bad"),
    )
    lost = part.lost_increments + part.lost_decrements
    note = f"{part.gaps} gaps; {part.how_met}; {lost:,} updates lost"
    whole = max(1, part.objects)
    return Bar(
        f"{name_of(place, part)}: {part.objects:,} objects",
        note,
        [Part(name, f"{count:,}", count / whole, tone) for name, count, tone in fates],
    )
