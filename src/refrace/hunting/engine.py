"""What a child runs: the parts that draw, run and shrink programs, in one place.

A zygote imports this module by name, so a test can have it import another.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from refrace.hunting.execution import run_program, smaller
from refrace.hunting.execution.late_calls import allow
from refrace.hunting.schedules.runtime import extension_files
from refrace.strategies.draw_thread_programs import draw_programs
from refrace.subjects import HuntProgram, Subject

__all__ = [
    "draw_programs",
    "prepare_child",
    "program_from",
    "run_program",
    "smaller",
    "subject_of",
    "warm_up",
]


_WARM_UP = 5
# The subject has not been loaded yet.
_before = frozenset(extension_files())


def prepare_child(report_to: int, recorder: Any, schedule: Any = None) -> None:
    """Let the programs of this child change its extension modules, in memory."""
    allow(_before)


def warm_up(subject: Subject) -> None:
    """Draw a few programs, so that what this loads and fills is there before a fork.

    The first draw in a process takes half a second, and later ones a few milliseconds.
    """
    import refrace.hunting.planted

    for one in (Subject.of(refrace.hunting.planted.Correct), subject):
        with suppress(Exception):  # the child that draws the same reports it
            for _ in draw_programs(one, 0, _WARM_UP, (1, 2)):
                pass


def subject_of(loaded: Any) -> Subject:
    """Return what a child runs programs of."""
    return Subject.of(loaded)


def program_from(stored: Mapping[str, Any]) -> HuntProgram:
    """Return a program from its stored form."""
    return HuntProgram.from_dict(stored)
