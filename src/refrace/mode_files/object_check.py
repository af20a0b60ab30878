"""What the compiled code of a mode may contain: no state, and no call but steps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from refrace.errors import EnvironmentUnfit, InvalidModeFile
from refrace.mode_files.compiler import tool
from refrace.mode_files.headers import core_functions
from refrace.mode_files.mode_text import ModeText

__all__ = ["FLAGS", "check_object"]

# Without position-independent code a constant table is read-only data for the linker
# too, and without optimisation every call and every variable is still there.
FLAGS = ["-DRC_MODEL", "-O0", "-g", "-fno-pic", "-fno-pie", "-fno-stack-protector"]
_SYMBOL = re.compile(r"^\S* *(?P<kind>[A-Za-z]) (?P<name>\S+)(?:\t(?P<place>.*))?$")
# Of nm: data that is written, initialised or not, and common symbols.
_VARIABLES = "bBdDCsSgG"
_MEMORY = ("malloc", "calloc", "realloc", "free", "aligned_alloc", "alloca")


def check_object(object_file: Path, mode: ModeText) -> None:
    """Check the object file that was compiled with `FLAGS`.

    Raises
    ------
    InvalidModeFile
        If it has a variable, or calls what is no step of rc_mem.h; with the line, as
        far as the debug information has it.
    """
    listed = subprocess.run(
        [tool("nm"), "-l", str(object_file)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if listed.returncode != 0:
        raise EnvironmentUnfit(f"nm cannot read an object file: {listed.stderr:.300}")
    for text in listed.stdout.splitlines():
        symbol = _SYMBOL.match(text)
        if symbol is None:
            continue
        kind, name = symbol["kind"], symbol["name"]
        if kind == "U" and name not in core_functions():
            raise InvalidModeFile(
                _why_not(name), file=mode.file, line=_line(symbol["place"])
            )
        if kind in _VARIABLES:
            # gcc appends a number to a name in a function, clang prepends the function.
            plain = [part for part in name.split(".") if not part.isdigit()][-1]
            raise InvalidModeFile(
                f"`{plain}` is a variable that outlives an operation, which a mode may "
                "not have: the explorer would not see it.  Keep state in the words of "
                "the object (&o->ob_refcnt, rr_lane(o, 0)), or declare a constant",
                file=mode.file,
                line=_line(symbol["place"]) or _first_line_with(plain, mode.code),
            )


def _why_not(name: str) -> str:
    if name in _MEMORY:
        return (
            f"`{name}` allocates or frees memory, which a mode may not do: rc_dealloc(o"
            ") ends an object, and the words of an object are all that a mode has"
        )
    return (
        f"`{name}` is called, and it is no step of rc_mem.h: a mode calls only these "
        "steps and its own functions, not the C library"
    )


def _line(place: str | None) -> int | None:
    match = re.search(r":(\d+)(?: |$)", place or "")
    return int(match[1]) if match else None


def _first_line_with(name: str, code: str) -> int | None:
    match = re.search(rf"\b{re.escape(name)}\b", code)
    return None if match is None else code.count("\n", 0, match.start()) + 1
