"""Schedules as labels (``T1``, ``T1+``, ``T1~``) and as numbers.

A number is four times the index of the thread in the program, plus 0 for a step (a
`maybe` is not taken), 1 for a `maybe` that is taken, or 2 if the oldest write of the
thread's store buffer lands.  The `end` block has the index after the last thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refrace.errors import InvalidData
from refrace.programs import Program

__all__ = ["END", "codes_of", "labels_of", "runners_of"]

END = "end"
"""The name of the checks after the run, in place of a thread's name."""

_MARKS = ("", "+", "~")


def runners_of(program: Program) -> tuple[str, ...]:
    """Return the names that can take steps, in the order of their numbers."""
    return (*(thread.name for thread in program.threads), END)


def labels_of(codes: Iterable[int], runners: Sequence[str]) -> tuple[str, ...]:
    """Return the labels of the numbers of a schedule.

    Raises
    ------
    InvalidData
        If a number is invalid; the message says which.
    """
    labels = []
    for place, code in enumerate(codes):
        runner, what = divmod(code, 4)
        if code < 0 or runner >= len(runners) or what >= len(_MARKS):
            raise InvalidData(
                f"schedule[{place}] is {code}, which is invalid for the "
                f"{len(runners) - 1} threads of the program"
            )
        labels.append(runners[runner] + _MARKS[what])
    return tuple(labels)


def codes_of(labels: Iterable[str], runners: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of a schedule; errors as in :func:`labels_of`."""
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
                f"{', '.join(runners)}, followed by `+` for a `maybe` that is taken "
                "or `~` for a write that lands"
            )
        codes.append(known[label])
    return tuple(codes)
