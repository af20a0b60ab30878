"""Which sightings are one finding: the same symptom with more operations around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from refrace.hunting.kinds import severity
from refrace.hunting.search.sighting import Sighting

__all__ = ["distinct"]

# Kinds that one bug shows as, depending on who holds the object.
_FAMILIES = (
    {"leak", "never-freed", "block-leak"},
    {"use-after-free", "over-decref", "decref-without-gil"},
)


def distinct(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return one sighting for each bug that can be distinguished from the others.

    A sighting is left out if another one of the same family of kinds needs some of the
    same operations and no other; its kind and its programs are added to that one.  The
    most severe come first, and then those with the shortest programs.
    """
    ordered = sorted(
        sightings,
        key=lambda one: (len(one.operations), severity(one.kind), len(one.source)),
    )
    kept: list[Sighting] = []
    for one in ordered:
        for i, other in enumerate(kept):
            if _covers(other, one):
                kept[i] = _with(other, one)
                break
        else:
            kept.append(one)
    return sorted(kept, key=lambda one: (severity(one.kind), len(one.source)))


def _covers(one: Sighting, other: Sighting) -> bool:
    return _family(one.kind) == _family(other.kind) and set(one.operations) <= set(
        other.operations
    )


def _family(kind: str) -> frozenset[str]:
    return frozenset(next((each for each in _FAMILIES if kind in each), {kind}))


def _with(kept: Sighting, other: Sighting) -> Sighting:
    kinds = dict.fromkeys((*kept.also, other.kind, *other.also))
    also = tuple(kind for kind in kinds if kind != kept.kind)
    return replace(kept, also=also, programs=kept.programs + other.programs)
