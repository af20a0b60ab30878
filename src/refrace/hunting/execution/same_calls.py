"""Programs in which all threads make one and the same call."""

from __future__ import annotations

import pickle
from typing import Any

from refrace.subjects import HuntProgram, load

__all__ = ["is_one_call"]


def is_one_call(program: HuntProgram) -> bool:
    """Return whether every call of every thread is the same, arguments included.

    All orders of such calls are one and the same sequence, so a single sequential order
    says what they answer together, however many calls there are.
    """
    calls = [call for thread in program.threads for call in thread]
    if len(set(calls)) != 1:
        return False
    first = len(program.prefix)

    def stand_in(number: int) -> tuple[str, int]:
        return ("canary", number)

    values: list[Any] = load(program.values, stand_in)[first : first + len(calls)]
    try:
        # One at a time: a dump of all would say that they share their parts.
        return len({pickle.dumps(each) for each in values}) == 1
    except Exception:
        return False
