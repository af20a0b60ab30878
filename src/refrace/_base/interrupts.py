"""How a long call ends after an interrupt: further interrupts have no effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from refrace.errors import Interrupted

__all__ = ["interrupted", "uninterrupted"]

Result = TypeVar("Result")

MOST_TRIES = 10


def uninterrupted(work: Callable[[], Result]) -> Result:
    """Return the result of `work`; call it again if an interrupt ends it.

    Raises
    ------
    KeyboardInterrupt
        If ten interrupts in a row ended it.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return work()
        except KeyboardInterrupt:
            continue
    return work()


def interrupted(report: Callable[[], Any]) -> Interrupted:
    """Return the exception for an interrupt, with the partial result.

    It has no report if interrupts keep arriving while `report` runs.
    """
    try:
        return Interrupted(uninterrupted(report))
    except KeyboardInterrupt:
        return Interrupted(None)
