"""Levels that grow, in the words of a finding."""

from __future__ import annotations

from refrace.hunting.judging.levels import Suspicion
from refrace.hunting.judging.records import Sighting

__all__ = ["level_name", "sighting_of"]


def level_name(suspect: Suspicion) -> str:
    """Return what is growing, as the subject of a sentence."""
    return {
        "blocks": "the number of allocated blocks",
        "bytes": "allocated memory",
        "references": f"the reference count of {suspect.name}",
    }[suspect.what]


def sighting_of(suspect: Suspicion) -> Sighting:
    """Return the finding that a confirmed suspicion is."""
    slope = suspect.slope
    unit = {"blocks": "blocks", "bytes": "bytes", "references": "references"}
    change = (
        f"{slope.per_call:+.3g} {unit[suspect.what]} a round (99 % interval "
        f"{slope.low:.3g} to {slope.high:.3g})"
    )
    kind = "block-leak"
    if suspect.what == "references":
        kind = "leak" if slope.per_call > 0 else "over-decref"
    return Sighting(kind, f"{level_name(suspect)} changes without end: {change}")
