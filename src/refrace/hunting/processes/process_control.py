"""What Linux offers to keep processes together: nothing outlives a hunt."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from refrace.environment import gil_can_be_disabled
from refrace.hunting.limits import CHILD_PROCESSES, HEAPS_OF_THREADS

__all__ = [
    "adopt_orphans",
    "die_with_parent",
    "end_leftovers",
    "limit_this_process",
    "signal_thread",
]

_SET_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends, or now if it has.

    The kernel watches the *thread* of the parent that started this process.
    """
    if hasattr(_libc, "prctl"):
        _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends, so that they can be ended."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def signal_thread(process: int, thread: int, number: int) -> bool:
    """Send a signal to one thread of another process; False if it does not exist."""
    if not hasattr(_libc, "tgkill"):
        return False
    return bool(_libc.tgkill(process, thread, number) == 0)


def limit_this_process(memory: int) -> None:
    """Limit the memory and the processes of this process; write no core files.

    Parameters
    ----------
    memory : int
        Bytes of private writable memory (RLIMIT_DATA) in addition to those in use, and
        an eighth of the address space (RLIMIT_AS), of which the stacks and the arenas
        of threads reserve more than they use.  On a free-threaded build, the heaps of
        100 threads come on top.  0 is no limit, for sanitizers, which reserve
        terabytes.
    """
    _lower(resource.RLIMIT_CORE, 0)
    if memory:
        size, data = _memory_in_use()
        heaps = HEAPS_OF_THREADS if gil_can_be_disabled() else 0
        _lower(resource.RLIMIT_DATA, data + memory + heaps)
        _lower(resource.RLIMIT_AS, size + 8 * memory)
    _lower(resource.RLIMIT_NPROC, _tasks_of_user() + CHILD_PROCESSES)


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(which, (limit, limit))


def _memory_in_use() -> tuple[int, int]:
    """Return the bytes of address space, and of private writable memory."""
    words = Path("/proc/self/statm").read_text().split()
    page = resource.getpagesize()
    return int(words[0]) * page, int(words[5]) * page


def _tasks_of_user() -> int:
    """Return the number of threads of all processes of this user: the limit's unit."""
    user, tasks = os.getuid(), 0
    for process in _processes():
        with suppress(OSError):
            if os.stat(f"/proc/{process}").st_uid == user:
                tasks += len(os.listdir(f"/proc/{process}/task"))
    return tasks


def _processes() -> Iterator[int]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            yield int(name)


def _children() -> list[int]:
    """Return the processes whose parent is this one."""
    me = os.getpid()
    found = []
    for process in _processes():
        with suppress(OSError, IndexError, ValueError):
            stat = Path(f"/proc/{process}/stat").read_text()
            # The name, in parentheses, may contain anything.
            if int(stat.rpartition(")")[2].split()[1]) == me:
                found.append(process)
    return found


def end_leftovers() -> int:
    """Kill and reap all children of this process; return how many there were.

    Killing one makes its own children ours, so this repeats until there are none.
    """
    ended = 0
    while True:
        try:
            reaped, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if reaped:
            continue
        for process in _children():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(process, 0)
            ended += 1
