"""Reports of malformed programs: place, offending text, problem and cure."""

from __future__ import annotations

import re
from typing import Any

from refrace.errors import InvalidProgram

__all__ = ["Fault", "invalid", "shown"]

_LONGEST_SHOWN = 60


def shown(text: str) -> str:
    """Return `text` on one line, truncated for a message."""
    line = " ".join(text[: 4 * _LONGEST_SHOWN].split())
    if not line.isprintable():
        line = ascii(line)[1:-1]  # no control character reaches a terminal
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "…"


def invalid(
    problem: str,
    *,
    text: str,
    line: int | None = None,
    column: int | None = None,
    section: str | None = None,
    cure: str = "",
    kind: type[InvalidProgram] = InvalidProgram,
) -> InvalidProgram:
    """Return the exception for a problem at a place, with its full message."""
    if line is not None:
        place = f"line {line}, column {column}: "
    elif section is not None:
        place = f"in {section}: "
    else:
        place = ""
    quoted = f"`{shown(text)}`: " if text else ""
    message = f"{place}{quoted}{problem}" + (f"; {cure}" if cure else "")
    return kind(message, line=line, column=column, text=text)


class Fault(Exception):
    """A problem of one node, raised by a check that does not have the source text.

    Parameters
    ----------
    problem, cure : str
        What is wrong in the user's terms, and how to fix it ("" if that is obvious).
    node : object
        The statement or declaration at fault; None for the program as a whole.
    text : str
        The offending word; "" for the whole statement.
    section : str or None
        "thread T1", "fn f", "the end block"; None outside of them.
    is_result : bool
        Whether the word is left of the `=`.
    """

    def __init__(
        self,
        problem: str,
        node: Any,
        *,
        text: str = "",
        cure: str = "",
        section: str | None = None,
        is_result: bool = False,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cure = cure
        self.node = node
        self.text = text
        self.section = section
        self.is_result = is_result

    def error(self, statement: str, lines: list[str] | None = None) -> InvalidProgram:
        """Return the exception to raise.

        Parameters
        ----------
        statement : str
            The text of :attr:`node`; "" for the program as a whole.
        lines : list of str, optional
            The source, if the program was read from one.
        """
        line = getattr(self.node, "line", None)
        column = getattr(self.node, "column", None)
        if self.node is None and lines is not None:
            line = column = 1
        text = self.text or statement
        if lines is not None and line is not None and column is not None and self.text:
            column += self._offset(lines[line - 1][column - 1 :])
        return invalid(
            self.problem,
            text=text,
            line=line,
            column=column,
            section=self.section,
            cure=self.cure,
        )

    def _offset(self, source: str) -> int:
        """Return the offset of the offending word in the statement's source."""
        pattern = re.compile(rf"(?<!\w){re.escape(self.text)}(?!\w)")
        equals = re.search(r"(?<![=!<>])=(?!=)", source)
        start = 0 if self.is_result or equals is None else equals.end()
        found = pattern.search(source, start) or pattern.search(source)
        return found.start() if found else 0
