"""How a long call ends after an interrupt, and that no interrupt is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from refrace.errors import Interrupted

__all__ = ["completed", "interrupted", "redelivered", "uninterrupted"]

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


def completed(work: Callable[[], Result]) -> Result:
    """Return the result of `work`, which an interrupt delays but does not stop.

    Raises
    ------
    KeyboardInterrupt
        After `work` has ended, if an interrupt arrived while it ran.
    """
    try:
        return work()
    except KeyboardInterrupt:
        uninterrupted(work)
        raise


@contextmanager
def redelivered() -> Iterator[None]:
    """Deliver interrupts again that arrive where Python cannot raise them.

    ``KeyboardInterrupt`` in a finaliser or in the callback of a weak reference, which
    the import system uses too, is reported to `sys.unraisablehook`, and the interrupted
    code goes on.  Within this block the main thread gets it once more.
    """
    from refrace._native.redelivery import Hook

    usual = sys.unraisablehook
    sys.unraisablehook = Hook(usual)
    try:
        yield
    finally:
        sys.unraisablehook = usual


def interrupted(report: Callable[[], Any]) -> Interrupted:
    """Return the exception for an interrupt, with the partial result.

    It has no report if interrupts keep arriving while `report` runs.
    """
    try:
        return Interrupted(uninterrupted(report))
    except KeyboardInterrupt:
        return Interrupted(None)
