"""Levels of the process that a leak raises: blocks, bytes of malloc, references."""

from __future__ import annotations

import ctypes
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from refrace.hunting.leaks.series import LevelKind

__all__ = ["Meter", "meters", "resident_bytes", "traced"]


@dataclass(frozen=True, slots=True)
class Meter:
    """One level and how to read it.

    Attributes
    ----------
    kind : str
        As in `LevelSeries`.
    name : str
        The level in words.
    unit : str
        Its unit, in the plural.
    read : callable
        Returns the level; it keeps no memory.
    """

    kind: LevelKind
    name: str
    unit: str
    read: Callable[[], int]


def meters() -> tuple[list[Meter], list[str]]:
    """Return the meters that work here, and a sentence for each that does not."""
    found, missing = [], []
    if sys.getallocatedblocks():
        found.append(
            Meter("blocks", "allocated blocks", "blocks", sys.getallocatedblocks)
        )
    else:
        missing.append(
            "blocks of Python's allocator: it is off (PYTHONMALLOC=malloc); start "
            "Python without that setting"
        )
    heap = _bytes_of_malloc()
    if heap is None:
        missing.append("memory from malloc: the C library has no working mallinfo2")
    else:
        found.append(Meter("heap", "memory from malloc", "bytes", heap))
    total = getattr(sys, "gettotalrefcount", None)
    if total is None:
        missing.append("the total of all reference counts: only debug builds have it")
    else:
        found.append(Meter("references", "references in total", "references", total))
    return found, missing


def _read_traced() -> int:
    return tracemalloc.get_traced_memory()[0]


traced = Meter("traced", "traced memory", "bytes", _read_traced)
"""Bytes from all of Python's allocators, large buffers included; needs tracemalloc."""


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@cache
def _bytes_of_malloc() -> Callable[[], int] | None:
    """Return a function that returns the bytes in use of malloc, of all arenas."""
    try:
        function = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    function.restype = _Mallinfo2
    function.argtypes = []

    def read() -> int:
        info = function()
        return int(info.uordblks + info.hblkhd)

    # An allocator that replaces malloc, such as that of a sanitizer, reports nothing.
    return read if read() else None


def resident_bytes() -> int:
    """Return the resident memory of the process; 0 where it is not known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    import resource

    return pages * resource.getpagesize()
