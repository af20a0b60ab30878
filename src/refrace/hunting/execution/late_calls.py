"""Noise inside the subject's C code: some calls of the C API come late.

Only nanoseconds pass between reading a pointer and the call that uses it.  A pause
before the call lets other threads run, as the kernel could.  With a GIL, a thread
pauses where the extension has released it, until others have made some calls, which
are late meanwhile.  No other thread could run anywhere else.

This changes the loaded extension in memory, so only a child of a hunt does it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from refrace.environment import gil_can_be_disabled
from refrace.hunting.schedules.runtime import other_modules

__all__ = [
    "allow",
    "late_calls",
    "may_return_late",
    "modules_of_subject",
    "reach_new_modules",
]

ONE_IN = (1, 3, 10)
"""One call in so many is late; each program uses one of these numbers."""
LONGEST_NS = (5_000, 1_000_000) if gil_can_be_disabled() else (40_000, 1_000_000)
"""The longest pause; each program uses one of these.

A thread that waits for the GIL must wake up first, and may have to wait for a core: a
long pause ends when others have made some calls.
"""

_before: frozenset[str] | None = None
_patched: set[str] = set()


def allow(before: frozenset[str]) -> None:
    """Let later programs of this process have late calls.

    Parameters
    ----------
    before : frozenset of str
        The files of extension modules that are none of the subject's.
    """
    global _before
    _before = before


@contextmanager
def late_calls(seed: int) -> Iterator[None]:
    """Let calls of the C API come late meanwhile, where this process may do that.

    Parameters
    ----------
    seed : int
        Decides which calls, and how late, 0 to 2**64 - 1.
    """
    if _before is None:
        yield
        return
    from refrace._native import schedule

    reach_new_modules()
    choose = Random(seed)
    one_in, longest = choose.choice(ONE_IN), choose.choice(LONGEST_NS)
    schedule.set_pauses(seed, one_in, 0, longest, at_returns=may_return_late())
    try:
        yield
    finally:
        schedule.set_pauses()


def may_return_late(status: Path = Path("/proc/self/status")) -> bool:
    """Return whether calls may return late: the stack is what the hunt takes it for.

    For that, return addresses on the stack are changed, and kept apart.  Greenlets move
    parts of the stack, and a shadow stack has a copy of each of these addresses.

    Parameters
    ----------
    status : Path
        What the kernel tells of this process.
    """
    if "greenlet" in sys.modules:
        return False
    with suppress(OSError):
        for line in status.read_text().splitlines():
            if line.startswith("x86_Thread_features:"):
                return "shstk" not in line.split()
    return True


def modules_of_subject() -> list[str]:
    """Return the files of loaded extensions that this process may change."""
    return [] if _before is None else list(other_modules(_before))


def reach_new_modules() -> None:
    """Change what has been loaded since the last time, by the calls of a program."""
    if _before is None:
        return
    from refrace._native import schedule

    for path in modules_of_subject():
        if path not in _patched:
            _patched.add(path)
            with suppress(OSError, ValueError):  # another processor, too many imports
                schedule.patch(path, only_python=True)
