"""Schedules as labels (``T1``, ``T1+``, ``T1~``, ``T1!``) and as numbers.

A number is four times the index of the thread in the program, plus 0 for a step (a
`maybe` is not taken), 1 for a `maybe` that is taken, 2 if the oldest write of the
thread's store buffer lands, or 3 if an interrupt comes.  The `end` block has the index
after the last thread.

``T1!`` is the first interrupt declared for T1, ``T1!2`` the second, whose number
is higher by 256.

Under C11 a step may take an old write: ``T1@1`` reads the newest but one.  Its number
is higher by 256 times that.  If a step makes two such choices (`upgrade`), ``T1@0.1``
has both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from refrace.errors import InvalidData
from refrace.programs import Program

__all__ = [
    "END",
    "branch_of",
    "choice_of",
    "codes_of",
    "labels_of",
    "runners_of",
    "thread_of",
]

END = "end"
"""The name of the checks after the run, in place of a thread's name."""

_MARKS = ("", "+", "~", "!")
_INTERRUPT = 3
_MOST_INTERRUPTS = 8  # of one thread
_CHOICE = 1 << 8
_PICK = 1 << 4
_LABEL = re.compile(
    r"(?P<step>[^@!]*!?)(?P<nth>(?<=!)[2-9])?"
    r"(?:@(?P<first>\d{1,2})(?:\.(?P<second>\d{1,2}))?)?"
)


def thread_of(code: int) -> int:
    """Return the index of the thread of a number."""
    return code % _CHOICE // 4


def branch_of(code: int) -> int:
    """Return what the thread does.

    0: a step; 1: a `maybe` that is taken; 2: a write lands; 3: an interrupt comes.
    """
    return code % 4


def choice_of(code: int) -> int:
    """Return which old writes the step takes; 0: none."""
    return 0 if branch_of(code) == _INTERRUPT else code // _CHOICE


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
        runner, what, choice = thread_of(code), branch_of(code), code // _CHOICE
        most = _MOST_INTERRUPTS if what == _INTERRUPT else 1 if what else _CHOICE
        is_odd = choice >= most
        if is_odd or code < 0 or runner >= len(runners) or what >= len(_MARKS):
            raise InvalidData(
                f"schedule[{place}] is {code}, which is invalid for the "
                f"{len(runners) - 1} threads of the program"
            )
        labels.append(runners[runner] + _MARKS[what] + _which(what, choice))
    return tuple(labels)


def _which(what: int, choice: int) -> str:
    if what == _INTERRUPT:
        return str(choice + 1) if choice else ""
    second, first = divmod(choice, _PICK)
    old = f"@{first}" if first or second else ""
    return old + (f".{second}" if second else "")


def codes_of(labels: Iterable[str], runners: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of a schedule; errors as in :func:`labels_of`."""
    known = {
        runner + mark: 4 * place + what
        for place, runner in enumerate(runners)
        for what, mark in enumerate(_MARKS)
    }
    codes = []
    for place, label in enumerate(labels):
        match = _LABEL.fullmatch(label) if isinstance(label, str) else None
        step = "" if match is None else match["step"]
        choice = _choice(match)
        what = known.get(step, 0) % 4
        is_odd = choice > 0 and what not in (0, _INTERRUPT)
        if step not in known or choice >= _CHOICE or is_odd:
            raise InvalidData(
                f"schedule[{place}] is {label!r:.60}; expected one of "
                f"{', '.join(runners)}, followed by `+` for a `maybe` that is "
                "taken, `~` for a write that lands, or `!` for an interrupt"
            )
        codes.append(known[step] + _CHOICE * choice)
    return tuple(codes)


def _choice(match: re.Match[str] | None) -> int:
    if match is None:
        return 0
    if match["step"].endswith(_MARKS[_INTERRUPT]):
        nth = int(match["nth"] or 1)
        is_known = nth <= _MOST_INTERRUPTS and match["first"] is None
        return nth - 1 if is_known else _CHOICE
    if match["first"] is None:
        return 0
    first, second = int(match["first"]), int(match["second"] or 0)
    is_written_so = first < _PICK and (first or second)
    return first + _PICK * second if is_written_so else _CHOICE
