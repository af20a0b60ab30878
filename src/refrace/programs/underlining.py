"""Where an error of a program is: its line, with the offending text underlined."""

from __future__ import annotations

from refrace.errors import InvalidProgram

__all__ = ["underlined"]

MOST_SHOWN = 100
"""Characters of a longer line on display, around the error."""


def underlined(source: str, error: InvalidProgram) -> list[str]:
    r"""Return the line of an error and the line of carets below it.

    Parameters
    ----------
    source : str
        The text that was parsed.
    error : InvalidProgram

    Returns
    -------
    list of str
        Empty if the error has no place in the text.

    Examples
    --------
    >>> from refrace import Program
    >>> source = "T1: decref x ; usee x"
    >>> try:
    ...     Program.parse(source)
    ... except InvalidProgram as error:
    ...     print(*underlined(source, error), sep="\n")
      1 | T1: decref x ; usee x
        |                ^^^^
    """
    lines = source.split("\n")
    if error.line is None or error.column is None or error.line > len(lines):
        return []
    line, at = lines[error.line - 1], error.column - 1
    length = _length(line, at, error.text)
    start = 0 if len(line) <= MOST_SHOWN else max(0, at - MOST_SHOWN // 2)
    shown = line[start : start + MOST_SHOWN]
    # A tab before the error is kept, so that the carets stand below the text.
    before = "".join(c if c == "\t" else " " for c in line[start:at])
    carets = "^" * max(1, min(length, len(shown) - (at - start)))
    number = str(error.line)
    return [
        f"  {number} | {_printable(shown)}",
        f"  {' ' * len(number)} | {before}{carets}",
    ]


def _length(line: str, at: int, text: str | None) -> int:
    """Return the length of the offending text; of one word if it is not there."""
    if text and line.startswith(text, at):
        return len(text)
    word = line[at:].split(maxsplit=1)
    return len(word[0]) if word else 1


def _printable(line: str) -> str:
    """Return a line without characters that could control a terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line)
