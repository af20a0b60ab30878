"""Runs the C compiler, and turns its complaints into errors with line and text."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from refrace.errors import EnvironmentUnfit, InvalidModeFile

__all__ = ["compile_object", "compiler", "link", "tool"]

_COMPLAINT = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<what>.*)$", re.M
)
# gcc shows an error of a step's macro in our header; a note has the place of the step.
_EXPANSION = r"^{file}:(?P<line>\d+):(?:\d+:)? note: in expansion of macro\b"
SECONDS = 120
"""Time limit of one run of a compiler; more than enough on a busy machine."""


def compiler() -> list[str]:
    """Return the command of the C compiler: ``CC``, or the one of this Python.

    Raises
    ------
    EnvironmentUnfit
        If there is none.
    """
    for setting in (os.environ.get("CC"), sysconfig.get_config_var("CC"), "cc"):
        command = shlex.split(setting or "")
        if command and shutil.which(command[0]):
            return [one for one in command if one != "-pthread"]
    raise EnvironmentUnfit(
        "a mode of your own needs a C compiler, but none was found: install gcc or "
        "clang (on Debian or Ubuntu: apt install gcc), or name one in the environment "
        "variable CC"
    )


def tool(name: str) -> str:
    """Return the path of a tool of the compiler's package.

    Raises
    ------
    EnvironmentUnfit
        If there is none.
    """
    found = shutil.which(name)
    if found is None:
        raise EnvironmentUnfit(
            f"a mode of your own needs the tool `{name}`, which checks what its code "
            "calls, but it was not found: install binutils (on Debian or Ubuntu: apt "
            "install binutils)"
        )
    return found


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentUnfit(
            f"the C compiler {command[0]} does not work: {error}; name another one in "
            "the environment variable CC"
        ) from None


def compile_object(
    source: str, object_file: str, flags: Sequence[str], folder: Path, shown: str
) -> None:
    """Compile a C file of a folder into an object file there.

    Raises
    ------
    InvalidModeFile
        If the compiler rejects the file; `shown` is what the message calls it.
    EnvironmentUnfit
        If the compiler fails without an error in any file.
    """
    done = _run([*compiler(), *flags, "-c", source, "-o", object_file], folder)
    if done.returncode == 0:
        return
    complaint = _COMPLAINT.search(done.stderr)
    if complaint is None:
        raise EnvironmentUnfit(
            f"the C compiler {compiler()[0]} ended with status {done.returncode}: "
            f"{_beginning(done.stderr).strip() or 'it gives no reason'}; fix that, or "
            "name another compiler in the environment variable CC"
        )
    rest = done.stderr[complaint.end() :].lstrip("\n")
    place: re.Match[str] | None = complaint
    if complaint["file"] != source:
        place = re.search(_EXPANSION.format(file=re.escape(source)), rest, re.M)
        rest = "" if place is None else rest[place.end() :].partition("\n")[2]
        rest = _beginning(rest, 2)  # the next complaint follows
    if place is None:
        raise InvalidModeFile(
            "the C compiler rejects the file:\n" + _beginning(done.stderr), file=shown
        )
    raise InvalidModeFile(
        f"the C compiler rejects the line: {complaint['what']}\n" + _beginning(rest, 3),
        file=shown,
        line=int(place["line"]),
    )


def link(objects: Sequence[str], library: str, folder: Path) -> None:
    """Link object files of a folder into a shared library there."""
    done = _run([*compiler(), "-shared", *objects, "-o", library, "-pthread"], folder)
    if done.returncode != 0:
        raise EnvironmentUnfit(
            "the C compiler cannot link a shared library:\n" + _beginning(done.stderr)
        )


def _beginning(text: str, lines: int = 12) -> str:
    return "\n".join(text.splitlines()[:lines])
