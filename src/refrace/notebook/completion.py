"""Completion in a cell: words of the language, names of the program, and options."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import (
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from refrace.catalogue.mode import modes
from refrace.environment import GIL_SETTINGS
from refrace.explorer.memory import MODELS
from refrace.programs.vocabulary import (
    ARGUMENT,
    CONTROL_WORDS,
    DECLARATION_WORDS,
    LOGICAL_WORDS,
    NAME,
    OBJECT_OPTIONS,
    OBJECT_WORDS,
    RESERVED,
    SELF,
    SOFT_DECLARATION_WORDS,
    WORD_OPERATIONS,
)

__all__ = ["OPTIONS", "cell_matcher", "completions"]

OPTIONS = (
    "--as",
    "--gil",
    "--max-seconds",
    "--max-states",
    "--memory",
    "--mode",
    "--step",
)
"""The options of the magic."""
_VALUES: dict[str, Callable[[], Iterable[str]]] = {
    "--gil": lambda: GIL_SETTINGS,
    "--memory": lambda: MODELS,
    "--mode": lambda: [mode.name for mode in modes()],
    "-m": lambda: [mode.name for mode in modes()],
}
_COMMENT = re.compile(r"#[^\n]*")
_LAST_WORD = re.compile(rf"(?:{NAME})?\Z")
_NAMES = re.compile(NAME)
# What may stand before a statement: nothing, `;`, a brace, or a header.
_STATEMENT = re.compile(rf"(?:\A|[\n;{{}}]|(?:fn\s+)?{NAME}\s*:)\s*\Z")
_OBJECT = re.compile(rf"(?:{'|'.join(sorted(OBJECT_WORDS))})\s+{NAME}\b[^;\n]*\s\Z")
_AFTER_HEADER = re.compile(rf"(?:fn\s+)?{NAME}\s*:(?!=)")


def completions(cell: str, cursor: int) -> tuple[str, list[str]]:
    """Return the word before the cursor, and what it can become.

    Parameters
    ----------
    cell : str
        The cell, with the line of the magic.
    cursor : int
        Where the cursor is, in characters.
    """
    before = cell[:cursor]
    line, newline, program = before.partition("\n")
    if not newline:
        return _of_the_line(line)
    if "#" in program.rpartition("\n")[2]:
        return "", []
    found = _LAST_WORD.search(program)
    word = found[0] if found else ""
    before = program.removesuffix(word)
    known = _words(before) | _names(cell.partition("\n")[2], word)
    return word, _beginning_with(word, known)


def _of_the_line(line: str) -> tuple[str, list[str]]:
    """Return the options, or the values of the option before the cursor."""
    *given, word = re.split(r"\s+", line)
    option, equals, value = word.partition("=")
    if equals:
        return value, _beginning_with(value, _VALUES.get(option, list)())
    option = given[-1] if given else ""
    known = _VALUES[option]() if option in _VALUES else OPTIONS
    return word, _beginning_with(word, known)


def _words(before: str) -> set[str]:
    """Return the words of the language that can follow a text."""
    if _OBJECT.search(before):
        return set(OBJECT_OPTIONS)
    if _STATEMENT.search(before):
        words = set(CONTROL_WORDS | WORD_OPERATIONS)
        is_declared = not before.strip() or before.rstrip(" \t").endswith("\n")
        in_block = before.count("{") > before.count("}")
        if is_declared and not in_block:
            words |= DECLARATION_WORDS | SOFT_DECLARATION_WORDS | {"fn", "end"}
        if not _AFTER_HEADER.search(before):
            words -= CONTROL_WORDS | (WORD_OPERATIONS - DECLARATION_WORDS)
        return words
    if re.search(r"=\s*\Z", before):
        return set(WORD_OPERATIONS - CONTROL_WORDS) | {"null"}
    return {*LOGICAL_WORDS, "null"}


def _names(program: str, word: str) -> set[str]:
    """Return the names in a program, without the word that is being typed."""
    found = _NAMES.findall(_COMMENT.sub("", program))
    if found.count(word) == 1:
        found.remove(word)
    pseudo = {ARGUMENT, SELF} if "fn" in found else set()
    return (set(found) - RESERVED - set(OBJECT_OPTIONS)) | pseudo


def _beginning_with(word: str, known: Iterable[str]) -> list[str]:
    return sorted(one for one in known if one.startswith(word) and one != word)


@context_matcher()
def cell_matcher(context: Any) -> Any:
    """Complete in a cell of the magic, and keep IPython's own completions out."""
    text = context.full_text
    if not re.match(r"%%refrace\b", text):
        return SimpleMatcherResult(completions=[], suppress=False)
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: context.cursor_line])
    word, found = completions(text, start + context.cursor_position)
    return SimpleMatcherResult(
        completions=[SimpleCompletion(one, type="refrace") for one in found],
        matched_fragment=word,
        suppress=True,
    )
