"""The words of the language: names, reserved words, and suggestions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from refrace.programs.regions import REGION_FORMS
from refrace.programs.slips import CURES, SYNONYMS
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS

__all__ = [
    "ARGUMENT",
    "CELL_KINDS",
    "COMPARISONS",
    "CONTROL_WORDS",
    "DECLARATION_WORDS",
    "LOGICAL_WORDS",
    "NAME",
    "OBJECT_LOCK",
    "OBJECT_OPTIONS",
    "OBJECT_WORDS",
    "ORDERS",
    "RESERVED",
    "SELF",
    "SOFT_DECLARATION_WORDS",
    "WORD_OPERATIONS",
    "did_you_mean",
    "in_words",
    "is_field_name",
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
LOCK_KINDS = ("lock", "rlock", "native_lock")
"""The kinds of locks, in the order of the core's `rr_lock_kind`."""
OBJECT_WORDS = frozenset(("obj", "type"))
DECLARATION_WORDS = OBJECT_WORDS | frozenset(
    (*CELL_KINDS, "vec", "rawvec", *LOCK_KINDS, "hold", "borrow")
)
SOFT_DECLARATION_WORDS = frozenset(("interrupt", "weak", "barrier"))
"""Words of declarations that are also names: they came later than such programs."""
OBJECT_OPTIONS = (
    *("final", "field", "rawfield", "rc", "max", "stable", "uncounted"),
    *("gc", "visits", "untracks_late"),
)
"""What may follow the name in an `obj` or `type`."""
CONTROL_WORDS = frozenset((*CONTROL_FORMS, *REGION_FORMS, "else", "break", "return"))
LOGICAL_WORDS = frozenset(("and", "or", "not"))
"""The words of conditions."""
ORDERS = ("plain", "relaxed", "acquire", "release", "acq_rel", "seq_cst")
"""The memory orders that a word behind a step may state; not reserved."""
NEGATED = {"await": "await_not", "spin": "spin_not"}
"""Operations with a `not` after their word, and the names of those."""
WORD_OPERATIONS = frozenset(row.name for row in OPERATIONS.values() if row.is_word) - {
    *NEGATED.values(),
    "await_equal",
}
SOFT_WORDS = frozenset(
    (
        *("items", "at", "resize", "malloc", "fadd", "critical", "peek", "poke"),
        *("resurrect", "track", "untrack", "collect", "wait"),
        *("immortalise", "merge", "enable_try"),
    )
)
"""Words that are also names: they came after programs that use those."""
RESERVED = frozenset(
    ((WORD_OPERATIONS | CONTROL_FORMS.keys()) - SOFT_WORDS)
    | DECLARATION_WORDS
    | LOGICAL_WORDS
    | {"else", "fn", "end", "null"}
)


def is_name(text: object) -> bool:
    """Return whether `text` is a valid name: an identifier that is not reserved."""
    return (
        isinstance(text, str)
        and text.isidentifier()
        and _NAME.fullmatch(text) is not None  # no combining marks: one word
        and text not in RESERVED
    )


def is_field_name(text: object) -> bool:
    """Return whether `text` can name a field: also a word of the language, but null."""
    if isinstance(text, str) and text in RESERVED:
        return text != "null"
    return is_name(text)


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


def in_words(words: Iterable[str]) -> str:
    """Return words as code, joined by commas."""
    return ", ".join(f"`{word}`" for word in words)
