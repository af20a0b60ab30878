"""The trace of native code as a space-time diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.space_time import Event, Mark, Run, WordLane
from refrace.display.pictures.space_time_drawing import space_time_picture
from refrace.hunting.schedules.native_trace import (
    NativeStep,
    grouped,
    most_telling,
    number_text,
)

__all__ = ["native_picture"]

MOST_WORDS = 3
"""Places with a lane of their own; values of others are notes."""
MOST_ROWS = 100
"""Rows that are drawn; of a longer run, the last ones."""
_WIDEST = 48
_MARKS: dict[str, Mark] = {
    "read": "load",
    "write": "store",
    "atomic": "update",
    "lock": "take",
    "unlock": "release",
    "free": "free",
    "waits": "wait",
}


def native_picture(
    steps: Sequence[NativeStep], threads: int, title: str, verdict: str
) -> Picture:
    """Return the diagram of a run: a lane for each thread and for the main places.

    Parameters
    ----------
    steps : sequence of NativeStep
        The run.
    threads : int
        Its number of threads.
    title, verdict : str
        The lines above and below.
    """
    rows = grouped(steps)
    skipped = max(0, len(rows) - MOST_ROWS)
    rows = rows[skipped:]
    shown = [most_telling(row) for row in rows]
    words = _words(shown)
    preempted = _preempted(rows)
    events = [
        _event(number, row[0], step, words, preempted.get(at))
        for at, (number, row, step) in enumerate(
            zip(range(skipped + 1, skipped + len(rows) + 1), rows, shown, strict=True)
        )
    ]
    subtitle = f"rows {skipped + 1:,} to {skipped + len(rows):,}" if skipped else ""
    return space_time_picture(
        Run(
            title=title,
            subtitle=subtitle or "time runs downwards; one row for each source line",
            threads=[f"thread {number}" for number in range(1, threads + 1)],
            words=[WordLane(name, _first_value(name, shown)) for name in words],
            events=events,
            verdict=verdict,
            is_bad=True,
        )
    )


def _words(steps: Sequence[NativeStep]) -> list[str]:
    """Return the places with a lane: those that several threads access, and change."""
    weights: Counter[str] = Counter()
    users: dict[str, set[int]] = {}
    for step in steps:
        if step.place and step.before is not None:
            users.setdefault(step.place, set()).add(step.thread)
            weights[step.place] += 1 + 2 * (step.point != "read")
    for name, some in users.items():
        weights[name] += 100 * (len(some) > 1) + 50 * _has_name(name)
    chosen = {name for name, _ in weights.most_common(MOST_WORDS)}
    return [name for name in weights if name in chosen]


def _has_name(place: str) -> bool:
    return not (place.startswith("m") and place[1:].isdigit())


def _first_value(name: str, steps: Sequence[NativeStep]) -> tuple[str, ...]:
    for step in steps:
        if step.place == name and step.before is not None:
            return (number_text(step.before),)
    return ()


def _preempted(rows: Sequence[Sequence[NativeStep]]) -> dict[int, int]:
    """Return the rows at which a thread comes in, and the lane that it preempts."""
    found: dict[int, int] = {}
    last: dict[int, int] = {}
    for at, row in enumerate(rows):
        thread = row[0].thread
        if row[0].preempted and thread in last:
            found[last[thread] + 1] = thread - 1
        last[thread] = at
    return found


def _event(
    number: int,
    first: NativeStep,
    step: NativeStep,
    words: Sequence[str],
    preempts: int | None,
) -> Event:
    text = first.text
    has_value = step.before is not None
    word = words.index(step.place) if has_value and step.place in words else None
    is_write = step.point in ("write", "atomic") and step.after is not None
    note = f"{step.place}: {step.value}" if step.place and word is None else ""
    return Event(
        number=None if step.point == "waits" else number,
        lane=first.thread - 1,
        mark=_MARKS.get(step.point, "step"),
        label=text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}...",
        word=word,
        value=(number_text(step.after),) if word is not None and is_write else None,
        moved=step.value,
        notes=(note.removesuffix(": "),) if note else (),
        source=f"{first.file.rpartition('/')[2]}:{first.line}" if first.line else "",
        is_bad=step.point == "waits",
        preempts=preempts,
    )
