"""The time limit and the progress calls between two slices of a long call."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Deadline", "OutOfTime"]

PERIOD_S = 0.1
"""Seconds between two calls of a progress function."""


class OutOfTime(Exception):
    """A deadline came before the result was ready."""


class Deadline:
    """The clock of one long call.

    Parameters
    ----------
    max_seconds : float
    on_look : callable, optional
        Called every tenth of a second, to show progress.
    """

    def __init__(
        self, max_seconds: float, on_look: Callable[[], object] | None = None
    ) -> None:
        self._began = time.monotonic()
        self._ends = self._began + max_seconds
        self._next = self._began + PERIOD_S
        self._on_look = on_look

    def elapsed(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._began

    def check(self) -> bool:
        """Show progress if due, and return whether there is time left."""
        now = time.monotonic()
        if self._on_look is not None and now >= self._next:
            self._next = now + PERIOD_S
            self._on_look()
        return now < self._ends
