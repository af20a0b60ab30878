"""Explain what is wrong with an argument that was passed instead of a mode."""

from __future__ import annotations

import re
from typing import Any

from refrace._base.safe_repr import shown
from refrace.programs import Program

__all__ = ["not_a_mode"]

_FILE_NAME = re.compile(r"\S*(/\S+|\.(race|txt|toml|json))")
_SECTION = re.compile(r"^\s*(\w+|fn \w+)\s*:", re.MULTILINE)
_LONGEST_SHOWN = 60


def not_a_mode(value: Any) -> str:
    """Explain what is wrong with a program, file or GIL setting passed as a mode.

    Return "" if the value is none of these.
    """
    text = value if isinstance(value, str) else ""
    said = f"mode={shown(text, _LONGEST_SHOWN)}"
    if isinstance(value, Program) or "\n" in text or _SECTION.search(text):
        said = f"{said} is" if text else "mode is"
        return (
            f"{said} a program, but the name of a mode is needed here; write "
            "refrace.explore(program, mode) or refrace.race(mode, program=program)"
        )
    if _FILE_NAME.fullmatch(text):
        return (
            f"{said} looks like a file name, but the name of a mode is needed "
            "here; write `refrace explore FILE --mode MODE` or `refrace race MODE "
            "--program FILE`, in Python refrace.explore(pathlib.Path(file), mode)"
        )
    if text == "cpython":
        return (
            f"{said} is the interpreter's own counting, which only refrace.race and "
            "refrace.compare can run, on real threads; use 'unlocked' for what CPython "
            "with a GIL does, or 'biased' for free-threaded CPython"
        )
    if text in ("held", "released"):
        return f"{said} is a GIL setting, not a mode; write gil={text!r}"
    return ""
