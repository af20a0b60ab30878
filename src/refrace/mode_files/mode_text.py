"""The text of a mode's C file: its id, and what the contract forbids there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from refrace.errors import InvalidModeFile

__all__ = ["ModeText"]

_COMMENT_OR_STRING = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|' r"'(?:[^'\\\n]|\\.)*'", re.DOTALL
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]*)[>"]', re.M)
_SYSTEM_HEADERS = ("stdbool.h", "stddef.h", "stdint.h")
_OUR_HEADER = re.compile(r"modes/\w+\.h|mem/rc_mem\.h")
_PURE = (
    "an operation of a mode is a pure function of what the steps of rc_mem.h return, "
    "and the explorer relies on that"
)
# What the contract forbids, and why: each with the text to find.
_FORBIDDEN = (
    (
        r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else)\b",
        "a mode is the same text in every build; remove the condition",
    ),
    (
        r"\bRC_(?:NATIVE|MODEL|WIDENED|LOADED)\b|\bRR_FINDS_ANEW\b",
        "a mode does not know for which build it is compiled",
    ),
    (
        r"\bvolatile\b|\b_Atomic\b|\batomic_\w+|\b__atomic_\w+|\b__sync_\w+|\b(?:__)?asm(?:__)?\b",
        "a mode accesses shared memory only through the steps of rc_mem.h, such as "
        "rc_load_relaxed(&o->ob_refcnt)",
    ),
    (
        r"\(\s*(?:const\s+|volatile\s+|struct\s+|unsigned\s+)*\w+\s*(?:const\s*)?\*[\s*]*\)",
        "a cast to a pointer passes by rc_mem.h; use the fields and functions of the "
        "headers, such as &o->ob_refcnt and rr_me(o)",
    ),
    (
        r"\bvoid\s*\*|\bu?intptr_t\b|\bunion\b",
        "this hides an access from rc_mem.h, or depends on an address; " + _PURE,
    ),
    (
        r"\brr_model_\w+",
        "this belongs to one build; call the step of rc_mem.h, which begins with rc_",
    ),
    (r"\b_Thread_local\b|\bthread_local\b|\b__thread\b", _PURE),
    (
        r"\b__attribute(?:__)?\b|\[\[",
        "an attribute can make code run when the mode is loaded; remove it, or use "
        "RR_RARE for a slow path",
    ),
    (r"%:", "this hides a directive of the preprocessor; write it as #"),
)


@dataclass(frozen=True, slots=True)
class ModeText:
    """The text of a C file, checked, and the id of its mode.

    Attributes
    ----------
    text : str
    file : str
        What messages call the file.
    id : str
        What its card and its table are called.
    """

    text: str
    file: str
    id: str

    @classmethod
    def parse(cls, text: str, file: str) -> ModeText:
        """Check a text.

        Raises
        ------
        InvalidModeFile
            If it has not one card and one table of one mode, or does something that
            the contract forbids.
        """
        code = _COMMENT_OR_STRING.sub(_blank, text)
        found = {
            name: re.findall(rf"^{name}\(\s*(\w+)\s*[,)]", code, re.M)
            for name in ("RR_MODE_CARD", "RR_MODE_TABLE")
        }
        for name, ids in found.items():
            if len(ids) != 1:
                raise InvalidModeFile(
                    f"the file has {len(ids) or 'no'} {name}(...), at the start of a "
                    "line; it needs one RR_MODE_CARD(id, ...) and one "
                    "RR_MODE_TABLE(id, ...), see `refrace new-mode`",
                    file=file,
                )
        (card,), (table,) = found.values()
        if card != table:
            raise InvalidModeFile(
                f"RR_MODE_CARD is of {card!r}, RR_MODE_TABLE of {table!r}; both need "
                "the same id",
                file=file,
                line=_line_of(code, re.search(r"^RR_MODE_TABLE", code, re.M)),
            )
        _check_includes(text, code, file)
        for pattern, why in _FORBIDDEN:
            match = re.search(pattern, code, re.M)
            if match is not None:
                raise InvalidModeFile(
                    f"`{match[0].strip()}` is not allowed in a mode: {why}",
                    file=file,
                    line=_line_of(code, match),
                )
        return cls(text, file, card)

    @property
    def code(self) -> str:
        """The text, line by line, without its comments and strings."""
        return _COMMENT_OR_STRING.sub(_blank, self.text)

    @property
    def name(self) -> str:
        """The name of the mode: its id and a checksum of its file."""
        return f"{self.id}@{sha256(self.text.encode()).hexdigest()[:12]}"


def _blank(match: re.Match[str]) -> str:
    """Return what stands for a comment or a string: as many lines."""
    return (
        '""' + "\n" * match[0].count("\n")
        if match[0][0] in "\"'"
        else (" " + "\n" * match[0].count("\n"))
    )


def _line_of(code: str, match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    # A pattern may begin with the white space before what it is about.
    blank = len(match[0]) - len(match[0].lstrip())
    return code.count("\n", 0, match.start() + blank) + 1


def _check_includes(text: str, code: str, file: str) -> None:
    lines = code.splitlines()
    for match in _INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if not lines[line - 1].lstrip().startswith("#"):
            continue  # in a comment
        is_system, name = match[1] == "<", match[2]
        if (is_system and name in _SYSTEM_HEADERS) or (
            not is_system and _OUR_HEADER.fullmatch(name)
        ):
            continue
        raise InvalidModeFile(
            f"{match[0].strip()} is not allowed in a mode: it is one file, over the "
            'headers of refrace.include_dir(): write #include "modes/mode.h", and '
            '#include "modes/count_cell.h" if the count is one word',
            file=file,
            line=line,
        )
