"""Where in C an instruction is: its module and symbol, and its line where known."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from refrace.hunting.schedules.file_cache import cached_by_file

__all__ = ["Place", "line_of", "places_of"]

_SECONDS = 5.0
_MOST_INLINED = 3


@dataclass(frozen=True)
class Place:
    """An instruction in a file of machine code.

    Attributes
    ----------
    file : str
        The program or shared library; empty if there is none.
    offset : int
        Bytes from its beginning in memory.
    symbol : str
        The nearest exported function before it and the distance; may be empty.
    """

    file: str
    offset: int
    symbol: str = ""


class _Symbol(ctypes.Structure):
    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def places_of(addresses: Iterable[int]) -> tuple[Place, ...]:
    """Return file, offset and symbol of instructions of this process.

    Addresses mean nothing in another process, so the one that ran the instructions has
    to do this.
    """
    return tuple(_place(address) for address in addresses)


def _place(address: int) -> Place:
    found = _Symbol()
    libc = ctypes.CDLL(None)
    known = libc.dladdr(ctypes.c_void_p(address), ctypes.byref(found))
    if not known or not found.file:
        return Place("", address)
    symbol = ""
    if found.name:
        symbol = f"{os.fsdecode(found.name)}+{address - (found.address or 0):#x}"
    return Place(os.fsdecode(found.file), address - (found.base or 0), symbol)


def line_of(place: Place) -> str:
    """Return a place for people: function, file and line, or symbol and module.

    The line needs ``addr2line`` (binutils) and a module with debug information.
    """
    file, offset, symbol = place.file, place.offset, place.symbol
    if not file:
        return f"{offset:#x}, outside of all modules"
    lines = _known_lines(file)
    if offset not in lines:
        lines[offset] = _addr2line(file, offset)
    if lines[offset]:
        return lines[offset]
    module = f"{os.path.basename(file)}+{offset:#x}"
    return f"{symbol} ({module})" if symbol else module


@cached_by_file
def _known_lines(file: str) -> dict[int, str]:
    """Return what has been asked of this build of a file, by the offset."""
    return {}


def _addr2line(file: str, offset: int) -> str:
    """Return ``"function at file.c:12"``; empty if that is not known."""
    tool = shutil.which("addr2line")
    if tool is None or not os.path.exists(file):
        return ""
    try:
        ran = subprocess.run(
            [tool, "-f", "-i", "-C", "-e", file, f"{offset:#x}"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return _told(ran.stdout.splitlines())


def _told(lines: list[str]) -> str:
    """Return the answer of addr2line in words: innermost function, then its callers.

    It answers with two lines each, the function and its place, for the function of the
    instruction and for those that it is inlined into.
    """
    said = []
    for function, where in zip(lines[::2], lines[1::2], strict=False):
        path, _, line = where.split(" (discriminator")[0].rpartition(":")
        if "??" in (function, path) or line in {"?", "0"}:
            break
        said.append(f"{function} at {os.path.normpath(path)}:{line}")
    return ", inlined into ".join(said[:_MOST_INLINED])
