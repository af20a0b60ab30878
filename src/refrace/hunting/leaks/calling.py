"""Calls with fresh arguments, as often as asked for, that leave nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from refrace.hunting.leaks.arguments import ArgumentSet

__all__ = ["Caller"]


class Caller:
    """Calls a callable with sets of arguments in turn and drops its results.

    An exception of the callable is an answer like any other: leaks like to hide on the
    paths of errors.  The number of calls that raised is counted by type of exception.
    """

    def __init__(self, call: Callable[..., Any], sets: Sequence[ArgumentSet]) -> None:
        self.call = call
        self.sets = list(sets)
        self.made = 0
        self.raised: dict[str, int] = {}

    def cycle(self, times: int = 1) -> None:
        """Pass each set of arguments `times` times."""
        for _ in range(times):
            for each in self.sets:
                self.one(each)

    def one(self, each: ArgumentSet) -> str | None:
        """Call once; return the type of the exception, None if it returned."""
        args, kwargs = each.fresh()
        self.made += 1
        try:
            self.call(*args, **kwargs)
        except (Exception, SystemExit) as error:
            name = type(error).__name__
            self.raised[name] = self.raised.get(name, 0) + 1
            return name
        return None

    def keep_what_fits(self, seconds: float) -> float:
        """Pass each set once; drop those for which there is no time.

        Returns
        -------
        float
            Duration of one cycle of the remaining sets in seconds.
        """
        began = time.monotonic()
        for i, each in enumerate(self.sets, 1):
            self.one(each)
            if time.monotonic() - began > seconds:
                del self.sets[i:]
                break
        return self.cycle_seconds()

    def cycle_seconds(self) -> float:
        """Return the duration of the second of two cycles in seconds."""
        self.cycle()
        began = time.monotonic()
        self.cycle()
        return max(time.monotonic() - began, 1e-7)
