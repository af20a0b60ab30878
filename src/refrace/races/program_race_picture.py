"""The picture of a race of a program: the outcomes of natural and of widened rounds."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.display.pictures.bars import bars_picture
from refrace.display.pictures.picture import Picture
from refrace.races.rounds import Rounds, WidenedRounds
from refrace.traces.outcome_bars import outcome_bar

__all__ = ["rounds_picture"]


def rounds_picture(title: str, answer: str, parts: Sequence[Rounds]) -> Picture:
    """Return a bar for the natural rounds and one for the widened rounds."""
    bars = []
    for part in parts:
        whole = max(1, part.rounds)
        unknown = part.rounds - part.known_rounds
        rest = ("unknown", f"{unknown:,}", unknown / whole) if unknown else None
        kind = "widened" if isinstance(part, WidenedRounds) else "natural"
        outcomes = [
            (kinds, f"{outcome.rounds:,}", outcome.rounds / whole)
            for kinds, outcome in part.outcomes.items()
        ]
        note = f"{part.met:,} of {part.shared:,} contended operations were concurrent"
        name = f"{part.rounds:,} {kind} rounds"
        bars.append(outcome_bar(name, note, outcomes, rest))
    return bars_picture(title, bars, answer, unit="rounds")
