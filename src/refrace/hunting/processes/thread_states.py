"""What the threads of another process do, as far as the kernel says (Linux)."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["ThreadState", "Wait", "states_of", "threads_of"]

Wait = Literal["none", "lock", "timed-lock", "outside"]
"""What a thread waits for.

``"none"``: it runs, or is ready to.  ``"lock"``: a lock, for ever.
``"timed-lock"``: a lock, up to some time.  ``"outside"``: anything else, such as time
or a file, or unknown.
"""

_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221, "s390x": 238}


@dataclass(frozen=True)
class ThreadState:
    """One look at one thread.

    Attributes
    ----------
    thread : int
        Its number in the kernel.
    wait : str
        What it waits for, one of `Wait`.
    cpu_s : float
        Processor time that it has used, in seconds.
    switches : int
        How often it has begun to wait.
    """

    thread: int
    wait: Wait
    cpu_s: float
    switches: int


def threads_of(process: int) -> list[int]:
    """Return the threads of a process; empty if it has ended."""
    try:
        return sorted(int(name) for name in os.listdir(f"/proc/{process}/task"))
    except (OSError, ValueError):
        return []


def states_of(process: int) -> tuple[ThreadState, ...]:
    """Return what each thread does now; without those that end meanwhile."""
    found = []
    for thread in threads_of(process):
        with suppress(OSError, ValueError, IndexError):
            found.append(_state(Path(f"/proc/{process}/task/{thread}"), thread))
    return tuple(found)


def _state(folder: Path, thread: int) -> ThreadState:
    # After the name, which may contain anything: the state is field 3 of proc(5).
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    switches = 0
    for line in (folder / "status").read_text().splitlines():
        if line.startswith("voluntary_ctxt_switches"):
            switches = int(line.split()[1])
    wait: Wait = "none" if fields[0] == "R" else _wait(folder)
    return ThreadState(thread, wait, ticks / os.sysconf("SC_CLK_TCK"), switches)


def _wait(folder: Path) -> Wait:
    try:
        words = (folder / "syscall").read_text().split()
    except OSError:  # not permitted here
        return "outside"
    if words[0] == "running":
        return "none"
    if int(words[0]) != _FUTEX.get(platform.machine(), -2):
        return "outside"
    return "timed-lock" if int(words[4], 16) else "lock"
