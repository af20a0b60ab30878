"""Where the variables of a C function come from, as far as its text says."""

from __future__ import annotations

import linecache
import re
from dataclasses import dataclass
from functools import cached_property

__all__ = ["CFunction", "is_harmless"]

# Functions of the C API that count what they are passed, or keep it.
_COUNTING = re.compile(
    r"^Py_(CLEAR|X?SETREF|DecRef|IncRef|X?DECREF|X?INCREF|X?NewRef|BuildValue)$"
    r"|^Py(Tuple|List|Structseq|Module|Err|Exception|Weakref|Buffer)_"
    r"(SET|Set|Add|Restore|Steal|Release)"
)
_PUBLIC = re.compile(r"^Py[A-Z]\w*_\w+$")


def is_harmless(function: str) -> bool:
    """Return whether a function of the C API borrows what it is passed."""
    return bool(_PUBLIC.match(function)) and not _COUNTING.match(function)


@dataclass(frozen=True)
class CFunction:
    """A function in a source file.

    Attributes
    ----------
    file, name : str
        The file, and the name in debug information.
    """

    file: str
    name: str

    @cached_property
    def _file_text(self) -> str:
        return "".join(linecache.getlines(self.file)) if self.file else ""

    @cached_property
    def _parts(self) -> tuple[str, str]:
        """Parameters and body; both empty if the text is not there."""
        name = re.escape(self.name.partition(".")[0])
        defined = re.search(
            rf"^[^\n;#]*\b{name}\s*\(([^;{{]*)\)\s*\{{(.*?)^\}}",
            self._file_text,
            re.MULTILINE | re.DOTALL,
        )
        return (defined[1], defined[2]) if defined else ("", "")

    def sets_once(self, variable: str) -> bool:
        """Return whether one line sets a local variable, and none takes its address."""
        return self._settings(variable) == 1

    def passes(self, variable: str) -> bool:
        """Return whether it is a parameter that Python passes, and stays what it is.

        A function that the file calls by name could be passed anything.
        """
        name = re.escape(self.name.partition(".")[0])
        return (
            re.search(rf"\*\s*{variable}\s*(,|$)", self._parts[0]) is not None
            and self._settings(variable) == 0
            and len(re.findall(rf"\b{name}\s*\(", self._file_text)) == 1
        )

    def _settings(self, variable: str) -> int:
        body = self._parts[1]
        takes = re.search(rf"&\s*{variable}\b", body)
        if not body or takes is not None:
            return -1
        return len(re.findall(rf"(?<![\w.>]){variable}\s*=(?!=)", body))
