"""Which sets of arguments leak: each one alone, before and after some calls."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

from refrace.hunting.leaks.arguments import ArgumentSet
from refrace.hunting.leaks.calling import Caller
from refrace.hunting.leaks.measuring import old_objects_left_out

__all__ = ["LeakingArguments", "leaking_arguments"]

FEWEST, MOST = 16, 200
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class LeakingArguments:
    """The sets of arguments with a leak, and the shortest of them.

    Attributes
    ----------
    sets, tried : int
        Number of sets that leak, and of sets tried.
    example : str
        The arguments of the shortest one as in source code, truncated.
    raised : str or None
        Type of the exception that this call raises; None if it returns.
    per_call : float
        Growth per call with these arguments.
    """

    sets: int
    tried: int
    example: str
    raised: str | None
    per_call: float


def leaking_arguments(
    caller: Caller, level: Callable[[], int], falls: bool, seconds: float
) -> LeakingArguments | None:
    """Try each set alone; return None if no set leaks alone.

    A set leaks if the level moves at least half as fast as with the worst set.
    """
    deadline = time.monotonic() + seconds
    rates: list[tuple[float, str, str | None]] = []
    share_s = seconds / max(1, len(caller.sets))
    with old_objects_left_out():
        for each in caller.sets:
            until = min(deadline, time.monotonic() + share_s)
            raised = caller.one(each)
            grown, calls = _growth(caller, each, level, until)
            rates.append(((-grown if falls else grown) / calls, each.text, raised))
            if time.monotonic() > deadline:
                break
    worst = max(rate for rate, _, _ in rates)
    if worst <= 0.25:
        return None
    leaking = [rate for rate in rates if rate[0] >= SHARE * worst]
    rate, text, raised = min(leaking, key=lambda one: (len(one[1]), one[1]))
    return LeakingArguments(
        sets=len(leaking),
        tried=len(rates),
        example=text,
        raised=raised,
        per_call=-rate if falls else rate,
    )


def _growth(
    caller: Caller, each: ArgumentSet, level: Callable[[], int], until: float
) -> tuple[int, int]:
    """Return the growth of the level and the number of calls that it took."""
    gc.collect()
    before = level()
    calls = 0
    while calls < FEWEST or (calls < MOST and time.monotonic() < until):
        caller.one(each)
        calls += 1
    gc.collect()
    return level() - before, calls
