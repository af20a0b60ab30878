"""The picture of a mode: its words, and the steps of its operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from refrace.bit_layout import Word
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.space_time_drawing import space_time_picture
from refrace.display.pictures.stacked import stacked
from refrace.display.pictures.words import words_picture
from refrace.explorer.session import session_of
from refrace.explorer.traced import trace
from refrace.traces.run_picture import drawn_run
from refrace.traces.steps import TraceStep

__all__ = ["mode_picture"]

# The first thread is the owner where a mode has owners.
PROGRAM = """
hold T1.x = A
hold T2.x = A
T1: incref x ; incref x ; decref x ; decref x ; decref x
T2: incref x ; incref x ; decref x ; decref x ; decref x
"""
OPERATIONS = ("incref", "decref")
STEP = 4


def mode_picture(
    name: str, title: str, words: tuple[Word, ...], owned: bool
) -> Picture:
    """Return the words of a mode, and one increment and decrement step by step.

    Parameters
    ----------
    name, title : str
        The mode, and what it is in a few words.
    words : tuple of Word
        The words that it keeps.
    owned : bool
        Whether the owner counts differently, so that both kinds are shown.
    """
    drawn = [words_picture(f"{name}: {title}", "The words of an object.", words)]
    for thread, who in enumerate(("the owner", "another thread")):
        if thread and not owned:
            break
        by = f" by {who}" if owned else ""
        for steps in _operations(name, thread):
            said = f"{steps[0].operation}{by}"
            drawn.append(_picture(said, steps, words))
    return stacked(f"{name}: {title}", drawn)


def _operations(name: str, thread: int) -> Iterator[list[TraceStep]]:
    """Yield the steps of one increment and one decrement of a thread.

    The shortest of each: the first one may also take the GIL, or make a lane.
    """
    session = session_of(PROGRAM, name, "released")
    codes: list[int] = []
    while STEP * thread in session.choices(codes) and len(codes) < 60:
        codes.append(STEP * thread)
    steps = trace(session, codes).steps
    for operation in OPERATIONS:
        done: list[list[TraceStep]] = [[]]
        for step in steps:
            if step.operation == operation:
                done[-1].append(step)
                if step.completes:
                    done.append([])
        shortest = min(done[:-1], key=len)
        yield [replace(step, number=n) for n, step in enumerate(shortest, 1)]


def _picture(said: str, steps: Sequence[TraceStep], words: tuple[Word, ...]) -> Picture:
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    run = drawn_run(
        [*steps],
        (),
        [steps[0].thread],
        words,
        None,
        title=f"One {said}",
        subtitle=count,
        verdict=f"{said[0].upper()}{said[1:]} takes {count} when no thread interferes.",
    )
    return space_time_picture(run)
