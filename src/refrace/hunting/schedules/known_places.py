"""What is at addresses that have been seen, found by an address in or behind it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import ItemsView
from typing import NamedTuple

from refrace.hunting.schedules.debug_info import Die, size_of

__all__ = ["Known", "KnownPlaces"]


class Known(NamedTuple):
    """What begins at an address.

    Attributes
    ----------
    text : str
        The expression of a pointer to it.
    record : Die
        Its type.
    size : int
        Bytes of that; 0 if it is not known.
    number : int
        How many addresses were known before.
    """

    text: str
    record: Die
    size: int
    number: int


class KnownPlaces:
    """Addresses with what begins there."""

    def __init__(self) -> None:
        self._at: dict[int, Known] = {}
        self._sorted: list[int] = []
        self._largest = 0

    def put(self, address: int, text: str, record: Die) -> None:
        """Note what begins at an address, in place of what was known of it."""
        known = self._at.get(address)
        number = len(self._at) if known is None else known.number
        if known is None:
            insort(self._sorted, address)
        size = size_of(record)
        self._largest = max(self._largest, size)
        self._at[address] = Known(text, record, size, number)

    def __contains__(self, address: int) -> bool:
        return address in self._at

    def items(self) -> ItemsView[int, Known]:
        """Return all, in the order in which they came to be known."""
        return self._at.items()

    def near(self, address: int, behind: int = 0) -> list[tuple[int, Known]]:
        """Return those that an address can be in, or so many bytes behind the start of.

        The last one that came to be known comes first.
        """
        reach = max(self._largest, behind)
        first = bisect_right(self._sorted, address - reach)
        last = bisect_right(self._sorted, address)
        found = [(at, self._at[at]) for at in self._sorted[first:last]]
        return sorted(found, key=lambda one: one[1].number, reverse=True)
