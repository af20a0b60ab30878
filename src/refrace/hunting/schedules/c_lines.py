"""The source lines of instructions, read from debug information by addr2line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from refrace.hunting.schedules.cython_lines import cython_line, is_support_code

__all__ = ["CLine", "c_lines", "written"]

_TIMEOUT_S = 20.0


class CLine(NamedTuple):
    """A line of source code.

    Attributes
    ----------
    function, file : str
        Empty if they are not known.
    line : int
        0 if it is not known.
    source : str
        The text of the line, if it is known already: that of Cython code.
    """

    function: str = ""
    file: str = ""
    line: int = 0
    source: str = ""


def c_lines(places: Iterable[tuple[str, int] | None]) -> list[CLine]:
    """Return the line of each instruction that follows a call of a hook.

    A call that was inlined from a header of Python counts as the line that calls it, so
    that ``Py_INCREF(x)`` is where the user wrote it; and so does a helper of Cython.

    Parameters
    ----------
    places : iterable of (str, int) or None
        Module file and offset of return addresses; None gives an empty line.
    """
    wanted = list(places)
    offsets: dict[str, set[int]] = defaultdict(set)
    for place in wanted:
        if place is not None:
            offsets[place[0]].add(place[1] - 1)  # within the call, not behind it
    known = {
        (file, offset): line
        for file, some in offsets.items()
        for offset, line in _lines_of(file, sorted(some)).items()
    }
    return [
        CLine() if place is None else known.get((place[0], place[1] - 1), CLine())
        for place in wanted
    ]


def _lines_of(file: str, offsets: list[int]) -> dict[int, CLine]:
    tool = shutil.which("addr2line")
    if tool is None:
        return {}
    command = [tool, "-a", "-i", "-f", "-C", "-e", file, *map(hex, offsets)]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    headers = sysconfig.get_path("include")
    found: dict[int, CLine] = {}
    offset, function = -1, ""
    for text in ran.stdout.splitlines():
        if text.startswith("0x"):
            offset, function = int(text, 16), ""
        elif not function:
            function = text
        else:
            path, _, line = text.partition(" (discriminator")[0].rpartition(":")
            if offset not in found or _is_helper(found[offset], headers):
                is_known = line.isdigit() and "?" not in path
                # The folder of a build may be gone, and `build/../src` with it.
                path = os.path.normpath(path)
                found[offset] = CLine(function, path, int(line) if is_known else 0)
            function = ""
    return {at: line for at, line in found.items() if line.line}


def _is_helper(line: CLine, headers: str) -> bool:
    return line.file.startswith(headers) or is_support_code(line.file, line.line)


def written(line: CLine) -> CLine:
    """Return the line as the user wrote it: that of Cython, for C that was made of it.

    Parameters
    ----------
    line : CLine
        A line of C or C++.
    """
    found = cython_line(line.file, line.line)
    if found is None:
        return line
    return CLine(line.function, found.file, found.line, found.source)
