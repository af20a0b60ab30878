"""Arguments in each other's place, told as what they are."""

from __future__ import annotations

import re
from typing import Any

from refrace._shown import shown

__all__ = ["not_a_mode", "not_a_program"]

_FILE_NAME = re.compile(r"\S*(/\S+|\.(race|txt|toml|json))")
_SECTION = re.compile(r"^\s*(\w+|fn \w+)\s*:", re.MULTILINE)
_LONGEST_SHOWN = 60


def not_a_mode(value: Any) -> str:
    """Return what is wrong with a program, a file or a GIL setting given as a mode.

    "" if it is none of these.
    """
    from refrace.programs import Program

    text = value if isinstance(value, str) else ""
    said = f"mode={shown(text, _LONGEST_SHOWN)}"
    if isinstance(value, Program) or "\n" in text or _SECTION.search(text):
        said = f"{said} is" if text else "mode is"
        return (
            f"{said} a program, and the name of a mode is needed here; write "
            "refrace.explore(program, mode) or refrace.race(mode, program=program)"
        )
    if _FILE_NAME.fullmatch(text):
        return (
            f"{said} looks like the name of a file, and the name of a mode is needed "
            "here; write `refrace explore FILE --mode MODE` or `refrace race MODE "
            "--program FILE`, in Python refrace.explore(pathlib.Path(file), mode)"
        )
    if text in ("held", "released"):
        return f"{said} says what becomes of the GIL; write gil={text!r}"
    return ""


def not_a_program(value: Any, mode: Any) -> str:
    """Return what is wrong with a mode that is given as a program, "" if it is none."""
    from refrace.catalogue import Mode, modes
    from refrace.programs import Program

    name = value.name if isinstance(value, Mode) else value
    if not isinstance(name, str) or name not in [one.name for one in modes()]:
        return ""
    is_swapped = isinstance(mode, Program) or (isinstance(mode, str) and ":" in mode)
    what = "the two are swapped" if is_swapped else "the program comes first"
    cure = f"write explore(program, {name!r})"
    return f"program={name!r} is the name of a mode; {what}: {cure}"
