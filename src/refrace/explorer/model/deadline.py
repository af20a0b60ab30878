"""Between two slices of a long call: the time limit, and who follows its progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Progress", "Pulse"]

Progress: TypeAlias = Callable[[dict[str, Any]], object]

PERIOD_S = 0.1
"""Between two calls of a progress function."""


class Pulse:
    """The clock of one long call."""

    def __init__(self, max_seconds: float, progress: Progress | None) -> None:
        self._began = time.monotonic()
        self._ends = self._began + max_seconds
        self._next = self._began + PERIOD_S
        self._progress = progress

    def elapsed(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._began

    def beat(self, numbers: Callable[[], dict[str, Any]]) -> bool:
        """Tell whether there is time left; `numbers` gives what progress shows."""
        now = time.monotonic()
        if self._progress is not None and now >= self._next:
            self._next = now + PERIOD_S
            self._progress({**numbers(), "elapsed_s": now - self._began})
        return now < self._ends
