"""A run as a space-time diagram: a lane for each thread and word, time downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Event", "Join", "Mark", "Run", "Span", "WordLane"]

Mark = Literal["load", "store", "update", "take", "release", "free", "step", "wait"]
"""The kind of an event; each has its own shape."""


@dataclass(frozen=True, slots=True)
class WordLane:
    """A shared word.

    Attributes
    ----------
    name : str
        Its name, such as ``"A.ob_refcnt"``.
    begins : tuple of str
        Its value before the first event, a text for each bit field that is shown.
    """

    name: str
    begins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a run, one wait at its end, or one check after it.

    Attributes
    ----------
    number : int or None
        The number of the step; None for a wait.
    lane : int
        The thread, by its place.
    mark : Mark
        The kind of the event.
    label : str
        The action, such as ``"decref x: load"``.
    word : int or None
        The word that was accessed, by its place; None if it has no lane.
    value : tuple of str or None
        The value of the word that begins here, a text for each bit field that is shown;
        None if there is no write.
    moved : str
        The value that was read or written.
    notes : tuple of str
        Effects beyond that.
    truth : str
        The count if every operation were atomic.
    is_off : bool
        Whether `truth` and the count differ at the end.
    source : str
        File and line.
    is_bad : bool
        Whether this event is part of the finding.
    preempts : int or None
        The thread that was preempted, by its place.
    ends : tuple of int
        Words that exist no longer, because their object was freed.
    """

    number: int | None
    lane: int
    mark: Mark
    label: str
    word: int | None = None
    value: tuple[str, ...] | None = None
    moved: str = ""
    notes: tuple[str, ...] = ()
    truth: str = ""
    is_off: bool = False
    source: str = ""
    is_bad: bool = False
    preempts: int | None = None
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a thread holds something: a value that it read, or a lock.

    `first` and `last` are the places of two events; `last` is None if it lasts until
    the run ends.  With `is_crossed`, another thread changed the word in between.
    """

    kind: Literal["gap", "lock"]
    lane: int
    first: int
    last: int | None
    label: str
    is_crossed: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """An arrow between two events, by their places.

    `kind` is ``"conflict"`` for two that conflict, ``"order"`` if the first one
    happens before the second, and ``"read"`` if the second reads what the first wrote
    and nothing orders them.
    """

    first: int
    last: int
    label: str
    kind: Literal["conflict", "order", "read"] = "conflict"


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a diagram shows.

    Attributes
    ----------
    title, subtitle : str
        The lines above the diagram.
    threads : sequence of str
        Names of the lanes.
    words : sequence of WordLane
        The words with a lane, at most a few.
    events, spans, joins
        What happens.
    verdict : str
        The sentence below the diagram.
    is_bad : bool
        Whether the verdict is a finding.
    """

    title: str
    subtitle: str
    threads: Sequence[str]
    words: Sequence[WordLane]
    events: Sequence[Event]
    verdict: str
    is_bad: bool
    spans: Sequence[Span] = field(default=())
    joins: Sequence[Join] = field(default=())

    @property
    def has_truth(self) -> bool:
        """Whether any event has a `truth`."""
        return any(event.truth for event in self.events)

    @property
    def has_source(self) -> bool:
        """Whether any event has a `source`."""
        return any(event.source for event in self.events)

    def described(self) -> str:
        """Return the run in words, an event each."""
        told = [self._event_in_words(event) for event in self.events]
        told += [self._join_in_words(join) for join in self.joins]
        return " ".join([f"{len(self.threads)} threads.", *told, self.verdict])

    def _event_in_words(self, event: Event) -> str:
        thread = self.threads[event.lane]
        number = f"Step {event.number}: " if event.number is not None else ""
        said = [f"{number}{thread} {event.label}"]
        if event.word is not None and event.moved:
            said.append(f"{self.words[event.word].name} {event.moved}")
        said += event.notes
        if event.truth:
            said.append(f"true count {event.truth}")
        return ", ".join(said) + "."

    def _join_in_words(self, join: Join) -> str:
        first, last = self.events[join.first], self.events[join.last]
        to = f"step {last.number}" if last.number is not None else last.label
        return f"Step {first.number} and {to}: {join.label}."
