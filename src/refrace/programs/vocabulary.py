"""The words of the language: names, reserved words, and suggestions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from refrace.programs.slips import CURES, SYNONYMS
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS

__all__ = [
    "ARGUMENT",
    "CELL_KINDS",
    "COMPARISONS",
    "DECLARATION_WORDS",
    "NAME",
    "OBJECT_LOCK",
    "RESERVED",
    "SELF",
    "WORD_OPERATIONS",
    "did_you_mean",
    "is_name",
]

NAME = r"[^\W\d]\w*"
_NAME = re.compile(NAME)


ARGUMENT = "arg"
"""The local that holds the argument of a sub-program."""
SELF = "self"
"""The local that holds the dying object in a finaliser."""
OBJECT_LOCK = "m"
"""The field name of every object's own lock."""

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
CELL_KINDS = ("slot", "raw", "int")
DECLARATION_WORDS = frozenset(
    (*CELL_KINDS, "vec", "rawvec", "lock", "rlock", "obj", "type", "hold", "borrow")
)
WORD_OPERATIONS = frozenset(row.name for row in OPERATIONS.values() if row.is_word) - {
    "await_not"  # written `await not`
}
RESERVED = frozenset(
    WORD_OPERATIONS
    | DECLARATION_WORDS
    | CONTROL_FORMS.keys()
    | {"else", "fn", "end", "null", "and", "or", "not"}
)


def is_name(text: object) -> bool:
    """Return whether `text` is a valid name: an identifier that is not reserved."""
    return (
        isinstance(text, str)
        and text.isidentifier()
        and _NAME.fullmatch(text) is not None  # no combining marks: one word
        and text not in RESERVED
    )


def did_you_mean(word: str, known: Iterable[str], alike: float = 0.6) -> str:
    """Return a cure with the known word closest to `word`; "" if none is close.

    `alike` is the required similarity, from 0 to 1.  Only the first 1,000 known words
    are compared, so that errors of huge programs stay fast.
    """
    if word in CURES:
        return CURES[word]
    if word in SYNONYMS:
        return f"write `{SYNONYMS[word]}`"
    words = [known_word for known_word, _ in zip(known, range(1000), strict=False)]
    folded = [near for near in words if near.lower() == word.lower()]
    near = folded or difflib.get_close_matches(word[:100], words, n=1, cutoff=alike)
    return f"did you mean `{near[0]}`?" if near else ""
