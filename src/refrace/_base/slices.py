"""Cuts numbered items into batches that take about as long as they should."""

from __future__ import annotations

__all__ = ["Slices"]

FIRST_SIZE = 4
"""Items of a batch while it is not known how long one takes."""
GROWTH = 4
"""How many times as large as the largest so far a batch can be."""
AIM_S = 0.5
"""Seconds that a batch should take: long compared to the time for sending it."""
LEAST_S = 0.05
"""Seconds that a batch should take at least, towards the end."""


class Slices:
    """Cuts the items ``0..n_items - 1`` into consecutive ranges.

    Parameters
    ----------
    n_items : int
    window : int
        How many batches are in flight; towards the end, batches get small enough for
        every worker to have one.
    """

    def __init__(self, n_items: int, window: int) -> None:
        self._next = 0
        self._end = n_items
        self._window = window
        self._largest = 0
        self._item_s: float | None = None

    def cut(self) -> range:
        """Return the next range; empty if there are no items left."""
        left = self._end - self._next
        if self._item_s is None:
            size = FIRST_SIZE
        else:
            share = max(LEAST_S / self._item_s, left / (2 * self._window))
            aim = min(AIM_S / self._item_s, GROWTH * self._largest, share)
            size = max(1, int(aim))
        items = range(self._next, min(self._end, self._next + size))
        self._next = max(self._next, items.stop)
        return items

    def learn(self, n_items: int, seconds: float) -> None:
        """Take into account how long a batch of `n_items` took."""
        self._largest = max(self._largest, n_items)
        self._item_s = max(seconds, 1e-9) / n_items

    def rest(self) -> range:
        """Return all items that are not cut yet, as one range."""
        items = range(self._next, self._end)
        self._next = self._end
        return items

    def end_at(self, item: int) -> None:
        """Drop the items from `item` on that are not cut yet."""
        self._end = max(self._next, min(self._end, item))
