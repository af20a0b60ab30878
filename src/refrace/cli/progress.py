"""Progress on standard error: a bar, a rate, and an estimate where there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["LEAST_S", "Pace", "progress_bar"]

LEAST_S = 0.5
"""A rate from a shorter time says nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a verb counts, and what is known about its end.

    Attributes
    ----------
    unit : str
        What it counts: ``"runs"``.
    is_even : bool
        Whether the items take about the same time each, and their number is known in
        advance.  Only then can the time that is left be estimated.
    limit_s : float or None
        The time after which the verb ends at the latest; None if there is no limit.
    then : str
        What follows when all items are done.
    """

    unit: str = "steps"
    is_even: bool = True
    limit_s: float | None = None
    then: str = ""

    def figures(self, done: int, total: int, elapsed_s: float) -> str:
        """Return the progress in words, with an estimate only where it is honest."""
        said = f"{done:,}/{total:,} {self.unit}"
        if done >= total and self.then:
            return f"{said}, {self.then}"
        if elapsed_s >= LEAST_S and done:
            rate = done / elapsed_s
            shown = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
            said += f", {shown} per second"
            if self.is_even and done < total:
                return said + self._left((total - done) / rate, elapsed_s)
        if self.limit_s is not None and done < total:
            said += f", at most {_seconds(max(0.0, self.limit_s - elapsed_s))} left"
        return said

    def _left(self, estimate_s: float, elapsed_s: float) -> str:
        if self.limit_s is not None and estimate_s > self.limit_s - elapsed_s:
            left = _seconds(max(0.0, self.limit_s - elapsed_s))
            return f", {left} left before the limit"
        return f", about {_seconds(estimate_s)} left"


def _seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


@contextmanager
def progress_bar(
    title: str, pace: Pace, *, at_once: bool = False
) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback ``(done, total)`` that draws a bar on standard error.

    It draws nothing if standard error is not a terminal, and not in the first tenth of
    a second, unless the bar shall be there `at_once`.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        # No drawing thread: an interrupt can break its shutdown.
        auto_refresh=False,
        # FORCE_COLOR makes a console say that it is a terminal.
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(title, total=1, figures="")
        began = bar.get_time()
        drawn = began - (1.0 if at_once else 0.0)

        def show(done: int, total: int) -> None:
            nonlocal drawn
            now = bar.get_time()
            if now - drawn < 0.1 and done < total:
                return
            drawn = now
            figures = pace.figures(done, total, now - began)
            bar.update(task, completed=done, total=total, figures=figures, refresh=True)

        yield show
