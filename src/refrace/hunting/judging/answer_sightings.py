"""What is wrong with the answers of a round, whatever they are compared with."""

from __future__ import annotations

from refrace.hunting.judging.answers import Describer
from refrace.hunting.judging.records import Name, Sighting, record_of

__all__ = ["sightings_of"]


def sightings_of(describer: Describer, name: Name) -> list[Sighting]:
    """Return what was noted while the answers of a round were described.

    Parameters
    ----------
    describer : Describer
    name : callable
        The name of a canary for messages.
    """
    seen = []
    for number in describer.dead:
        record = record_of(number)
        seen.append(
            Sighting(
                "use-after-free",
                f"an operation returned, or passed to a callback, {name(number)} after "
                "its death",
                record.traps,
                tuple(filter(None, (record.death_stack,))),
            )
        )
    if describer.gave_freed:
        seen.append(
            Sighting(
                "use-after-free",
                "an operation returned, or passed to a callback, an object whose "
                "memory was freed",
            )
        )
    for text in describer.short:
        seen.append(Sighting("over-decref", f"after an operation, {text}"))
    for text in describer.broken:
        seen.append(Sighting("wrong-answer", f"the C code is wrong: {text}"))
    return seen
