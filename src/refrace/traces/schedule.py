"""Schedules as people read them (``T1``, ``T1+``, ``T1~``) and as numbers.

A number is four times the thread's place in the program, plus what it does: 0 a step (a
`maybe` is not taken), 1 a `maybe` that is taken, 2 the oldest write of its store buffer
lands.  The `end` block comes after the last thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refrace.errors import InvalidData
from refrace.programs import Program

__all__ = ["END", "codes_of", "labels_of", "runners_of"]

END = "end"
"""What the checks after the run are called where a thread's name stands."""

_MARKS = ("", "+", "~")


def runners_of(program: Program) -> tuple[str, ...]:
    """Return who can take steps, in the order of their numbers."""
    return (*(thread.name for thread in program.threads), END)


def labels_of(codes: Iterable[int], runners: Sequence[str]) -> tuple[str, ...]:
    """Return what the numbers of a schedule mean.

    Raises
    ------
    InvalidData
        If a number means nothing; the message says which.
    """
    labels = []
    for place, code in enumerate(codes):
        runner, what = divmod(code, 4)
        if code < 0 or runner >= len(runners) or what >= len(_MARKS):
            raise InvalidData(
                f"schedule[{place}] is {code}, which means nothing for the "
                f"{len(runners) - 1} threads of the program"
            )
        labels.append(runners[runner] + _MARKS[what])
    return tuple(labels)


def codes_of(labels: Iterable[str], runners: Sequence[str]) -> tuple[int, ...]:
    """Return a schedule's numbers; errors as :func:`labels_of`."""
    known = {
        runner + mark: 4 * place + what
        for place, runner in enumerate(runners)
        for what, mark in enumerate(_MARKS)
    }
    codes = []
    for place, label in enumerate(labels):
        if label not in known:
            raise InvalidData(
                f"schedule[{place}] is {label!r:.60}; expected one of "
                f"{', '.join(runners)}, with `+` behind it for a `maybe` that is taken "
                "or `~` for a write that lands"
            )
        codes.append(known[label])
    return tuple(codes)
