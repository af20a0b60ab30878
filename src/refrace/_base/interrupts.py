"""What a long call does once an interrupt has ended it: further ones change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from refrace.errors import Interrupted

__all__ = ["interrupted", "uninterrupted"]

Result = TypeVar("Result")

MOST_TRIES = 10


def uninterrupted(work: Callable[[], Result]) -> Result:
    """Return what `work` returns; call it again when an interrupt ends it.

    Raises
    ------
    KeyboardInterrupt
        If ten interrupts have ended it.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return work()
        except KeyboardInterrupt:
            continue
    return work()


def interrupted(report: Callable[[], Any]) -> Interrupted:
    """Return the exception for an interrupt, with what was found until then.

    It has no report if interrupts go on while `report` works it out.
    """
    try:
        return Interrupted(uninterrupted(report))
    except KeyboardInterrupt:
        return Interrupted(None)
