"""What one round of a program gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from refrace.hunting.judging.answers import Answer
from refrace.hunting.judging.records import Sighting

__all__ = ["InTurn", "Round", "SetupRaised"]

InTurn: TypeAlias = list[tuple[int, Callable[[], None]]]
"""Calls one after the other, each with its thread."""


class SetupRaised(Exception):
    """The setup of a subject raised; the cause is its exception."""


@dataclass
class Round:
    """What one round gave.

    Attributes
    ----------
    answers : list of Answer
        One for each call of prefix, threads and suffix.
    sightings : list of Sighting
        What is certainly wrong.
    retained : list of (int, int or None, bool)
        Canaries that nobody should refer to any more but that live: the number, the
        number in the program, and whether the harness held it.
    can_compare : bool
        Whether the answers mean anything.
    is_collected : bool
        Whether what is retained has survived a collection.
    together : frozenset of (Answer, int) or None
        Of threads that all make one and the same call many times: how often each answer
        was given.
    """

    answers: list[Answer]
    sightings: list[Sighting] = field(default_factory=list)
    retained: list[tuple[int, int | None, bool]] = field(default_factory=list)
    can_compare: bool = True
    is_collected: bool = True
    together: frozenset[tuple[Answer, int]] | None = None
