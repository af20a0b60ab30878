"""The figures of a hunt: they add up exactly, in any order of batches."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from refrace._base.codec import ADDED_LATER
from refrace.hunting.processes.loaded_code import LoadedCode
from refrace.hunting.schedules.explored import ExploredSchedules
from refrace.hunting.search.sighting import Sighting

__all__ = ["Tally"]

_MOST_NOTES = 20


@dataclass(frozen=True)
class Tally:
    """What some batches did and saw.

    Attributes
    ----------
    batches : int
        Batches that came to their end.
    programs : int
        Programs run to their end.
    programs_threads : int
        Those with more than one thread.
    rounds : int
        Rounds of all programs.
    rounds_threads : int
        Rounds with more than one thread.
    run_s, single_s : float
        Time in seconds that programs ran, and that of it with one thread.
    overlap_s : float
        Time in seconds with two or more threads inside operations.
    children : int
        Children that were forked.
    sightings : tuple of Sighting
        What was seen, one for each kind and set of operations.
    notes : tuple of str
        What happened that is no finding.
    not_compared : tuple of str
        Operations whose answers were not compared, with the reason.
    returned : tuple of str
        Operations of which a call returned.
    raised : tuple of str
        Operations of which a call raised, each with an exception:
        ``"pop: IndexError"``.
    taken : tuple of str
        Groups of arguments that calls have taken, such as ``"key:text"``, and
        ``"key:not text"`` for those that a later call has refused.
    explored : ExploredSchedules or None
        The schedules, if they were chosen.
    loaded : LoadedCode or None
        What loading the subject did.
    """

    batches: int = 0
    programs: int = 0
    programs_threads: int = 0
    rounds: int = 0
    rounds_threads: int = 0
    run_s: float = 0.0
    single_s: float = 0.0
    overlap_s: float = 0.0
    children: int = 0
    sightings: tuple[Sighting, ...] = ()
    notes: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    explored: ExploredSchedules | None = None
    returned: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    loaded: LoadedCode | None = field(default=None)
    taken: tuple[str, ...] = field(default=(), metadata={ADDED_LATER: True})

    def plus(self, other: Tally) -> Tally:
        """Return the figures of both."""
        numbers = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if isinstance(each.default, int | float)
        }
        seen = {one.key: one for one in self.sightings}
        for one in other.sightings:
            seen[one.key] = seen[one.key].merged(one) if one.key in seen else one
        notes = dict.fromkeys((*self.notes, *other.notes))
        compared = dict.fromkeys((*self.not_compared, *other.not_compared))
        return Tally(
            **numbers,
            sightings=tuple(seen.values()),
            notes=tuple(notes)[:_MOST_NOTES],
            not_compared=tuple(compared)[:_MOST_NOTES],
            explored=_both(self.explored, other.explored),
            returned=tuple(sorted({*self.returned, *other.returned})),
            raised=tuple(sorted({*self.raised, *other.raised})),
            loaded=_loaded(self.loaded, other.loaded),
            taken=tuple(sorted({*self.taken, *other.taken})),
        )

    @property
    def only_raised(self) -> tuple[str, ...]:
        """The items of `raised` whose operation never returned."""
        return tuple(
            one for one in self.raised if one.rpartition(": ")[0] not in self.returned
        )


def _loaded(one: LoadedCode | None, other: LoadedCode | None) -> LoadedCode | None:
    if one is None or other is None:
        return one or other
    return one.with_extensions(other.extensions)


def _both(
    one: ExploredSchedules | None, other: ExploredSchedules | None
) -> ExploredSchedules | None:
    if one is None or other is None:
        return one or other
    return one.plus(other)
