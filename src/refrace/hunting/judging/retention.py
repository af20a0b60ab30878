"""Canaries that live on after their round: leaked, or kept in a cache.

A leak keeps an object for ever, through a reference that no visible object has.  A
cache keeps it through a visible reference, or drops it when new objects arrive.
"""

from __future__ import annotations

import _ctypes
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from refrace._native import canary as native
from refrace.hunting.judging.records import Sighting, record_of
from refrace.hunting.judging.visible import (
    everything_visible,
    left_out,
    references_to,
)

__all__ = ["Retention"]

FEWEST_RARE = 2
"""Canaries that a leak in some of the rounds must have kept."""

OLDEST = 50
"""Rounds that one of them must have survived."""

FEWEST_REGULAR = 300
"""Canaries that a leak in every round must have kept: no hidden cache is so large."""

LOOKED_AT = 2


@dataclass
class _Group:
    """Kept canaries with the same number in the program."""

    # Arrays, because a list of large numbers has a block for each.
    numbers: array[int] = field(default_factory=lambda: array("q"))
    rounds: array[int] = field(default_factory=lambda: array("q"))


class Retention:
    """Canaries that lived on after their round."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, list[tuple[int, int | None, bool]]]] = []
        self._groups: dict[tuple[int | None, bool], _Group] = defaultdict(_Group)
        self._leaking: list[_Group] = []

    def add(
        self,
        round_: int,
        kept: list[tuple[int, int | None, bool]],
        is_collected: bool = True,
    ) -> None:
        """Note what a round has left; it counts once it has survived a collection."""
        if kept:
            self._waiting.append((round_, kept))
        if is_collected:
            self.collected()

    def collected(self) -> None:
        """Count what is still alive, after a collection."""
        for round_, kept in self._waiting:
            for number, index, was_held in kept:
                if _is_alive(number):
                    group = self._groups[index, was_held]
                    group.numbers.append(number)
                    group.rounds.append(round_)
        self._waiting.clear()

    @property
    def is_waiting(self) -> bool:
        """Whether a collection must decide about something."""
        return bool(self._waiting)

    def __bool__(self) -> bool:
        return bool(self._groups)

    def wanted(self, rounds: int) -> int:
        """Return how many rounds more would settle whether something leaks."""
        most = 0
        for group in self._groups.values():
            if len(group.numbers) * 2 > rounds:
                most = max(most, FEWEST_REGULAR + 1 - len(set(group.rounds)))
            else:
                most = max(most, OLDEST + 1 + group.rounds[0] - rounds)
        return most

    @property
    def least_of_round(self) -> float:
        """The canaries with the same number that a round has kept, where it kept any.

        A thread that makes its calls many times has as many with each number.
        """
        return min(
            len(group.numbers) / len(set(group.rounds))
            for group in self._groups.values()
        )

    def is_regular(self, rounds: int) -> bool:
        """Return whether more than half of the rounds have kept the same canary."""
        return any(
            len(set(group.rounds)) * 2 > rounds for group in self._groups.values()
        )

    def addresses_of_leaking(self) -> set[int]:
        """Return where the canaries are that seemed to leak when judged last."""
        return {
            native.address(number)
            for group in self._leaking
            for number in group.numbers
            if _is_alive(number)
        }

    def has_all_since(self, since: int) -> bool:
        """Return whether all that was kept before a round was so again after it."""
        return all(group.rounds[-1] >= since for group in self._groups.values())

    def fewest_since(self, since: int) -> int:
        """Return how many rounds from one on have kept what fewest of them kept.

        What none of them kept does not count: that is no leak.
        """
        kept = (
            len({one for one in group.rounds if one >= since})
            for group in self._groups.values()
        )
        return min(filter(None, kept), default=0)

    def judge(
        self, rounds: int, since: int = 0
    ) -> tuple[list[tuple[Sighting, int]], list[str]]:
        """Return leaks with the number of their rounds, and what was kept visibly.

        What was no longer kept in rounds from `since` on is no leak: a cache was full.
        """
        leaks: list[tuple[Sighting, int]] = []
        kept: list[str] = []
        self._leaking = []
        for (index, was_held), group in self._groups.items():
            # A number may have been used again after its canary had died.
            latest = dict(zip(group.numbers, group.rounds, strict=True))
            alive = [(one, when) for one, when in latest.items() if _is_alive(one)]
            name = "a canary that a slot returned" if index is None else f"c{index}"
            if not _is_kept_for_ever(alive, group, rounds):
                kept.append(
                    f"{name} lived on after its round in {len(group.numbers)} of "
                    f"{rounds} rounds, {len(alive)} of them to the end: too few to "
                    "call it a leak"
                )
            elif alive[-1][1] < since:
                kept.append(
                    f"{name} lived on after its round in {len(group.numbers)} of "
                    f"{rounds} rounds, and in none of the last {rounds - since}, as "
                    "in a cache that is full; no leak"
                )
            elif not (hidden := _hidden_references(alive)):
                kept.append(
                    f"{name} is kept by a visible container, as caches do; no leak"
                )
            else:
                self._leaking.append(group)
                leaks.append((_leak(name, was_held, hidden, alive, rounds), len(alive)))
        return leaks, kept


def _is_alive(number: int) -> bool:
    try:
        return bool(record_of(number).state == "live")
    except LookupError:  # it died, and its memory was given up
        return False


def _is_kept_for_ever(alive: list[tuple[int, int]], group: _Group, rounds: int) -> bool:
    if len(alive) * 10 < len(group.numbers) * 9:
        return False  # given up again
    if len(alive) >= FEWEST_REGULAR:
        return True
    is_rare = len(group.numbers) * 2 <= rounds
    return is_rare and len(alive) >= FEWEST_RARE and rounds - alive[0][1] > OLDEST


def _hidden_references(alive: list[tuple[int, int]]) -> int:
    """Return the references to kept canaries that no visible object has; the least."""
    with everything_visible():
        return _least_hidden(alive, []) and _least_hidden(alive, left_out())


def _least_hidden(alive: list[tuple[int, int]], besides: list[Any]) -> int:
    least = None
    for number, _ in alive[:LOOKED_AT]:
        count = record_of(number).references - record_of(number).expected
        found = _ctypes.PyObj_FromPtr(native.address(number))
        hidden = count - references_to(found, besides)
        del found
        least = hidden if least is None else min(least, hidden)
    return max(least or 0, 0)


def _leak(
    name: str, was_held: bool, hidden: int, alive: list[tuple[int, int]], rounds: int
) -> Sighting:
    references = "a reference" if hidden == 1 else f"{hidden} references"
    stay = "stays" if hidden == 1 else "stay"
    often = f"in {len({when for _, when in alive})} of {rounds} rounds"
    if was_held:
        return Sighting(
            "leak",
            f"{name} has {references} too many after everything is gone, {often}",
        )
    return Sighting(
        "never-freed",
        f"{name} is never freed: {references} to it {stay} after everything is gone, "
        f"{often}",
    )
