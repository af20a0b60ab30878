"""The live display of a hunt: what it does, and its figures so far."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from refrace.cli.progress import LEAST_S
from refrace.hunting.progress import HuntProgress

__all__ = ["hunt_progress", "pace_of"]


def pace_of(state: HuntProgress) -> str:
    """Return the rate of programs and the time that is left, in words.

    The search ends by its time limit, so that time is known; the shrinking of findings
    after it is not.
    """
    if state.doing == "shrinking":
        return "after the search"
    left = max(0.0, state.seconds_total - state.seconds)
    if state.seconds < LEAST_S:
        return f"{left:.0f} s left"
    return f"{state.programs / state.seconds:.1f} per second, {left:.0f} s left"


@contextmanager
def hunt_progress(title: str) -> Iterator[Callable[[HuntProgress], None]]:
    """Yield a callback that draws a line on standard error, ten times a second.

    It draws nothing if standard error is not a terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn(
            "{task.fields[programs]:,} programs, {task.fields[rounds]:,} rounds, "
            "{task.fields[pace]}, "
            "overlap {task.fields[overlap]:.0%}, findings {task.fields[findings]}"
        ),
        console=console,
        transient=True,
        # No drawing thread: an interrupt can break its shutdown.
        auto_refresh=False,
        # FORCE_COLOR makes a console say that it is a terminal.
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(
            f"loading {title}",
            total=1,
            programs=0,
            rounds=0,
            pace="",
            overlap=0.0,
            findings=0,
        )
        drawn_at = 0.0

        def show(state: HuntProgress) -> None:
            nonlocal drawn_at
            now = bar.get_time()
            if now - drawn_at < 0.1:
                return
            drawn_at = now
            bar.update(
                task,
                description=state.doing,
                completed=state.seconds,
                total=state.seconds_total,
                programs=state.programs,
                rounds=state.rounds,
                pace=pace_of(state),
                overlap=state.overlap,
                findings=state.findings,
                refresh=True,
            )

        yield show
