"""What an object holds for a mode, word by word and bit by bit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

__all__ = ["WORD_BITS", "BitField", "Word", "layout_text", "words_of"]

Holder = Literal["object", "lane", "thread", "domain"]

WORD_BITS = 64
"""Bits of a word that counts, natively."""

# They keep a drawing of all within 80 columns: see refrace._render.bit_fields.
MOST_FIELDS = 4
LONGEST_FIELD = 11
LONGEST_WORD = 17

# Words that are no number; their one field is called so.
WHOLE = ("lock", "link")

_WORD = re.compile(r"((?:(thread|domain)\.)?[a-z][a-z_]*)(?:\[([2-9])\])?: (.+)")
_FIELD = re.compile(r"([a-z][a-z-]*)(?: (rest|[1-9][0-9]?))? = (\S(?:.*\S)?)")


@dataclass(frozen=True, slots=True)
class BitField:
    """Some bits of a word that mean something together.

    Attributes
    ----------
    name : str
        What it is called in a drawing.
    bits : int or None
        How many they are, 1 to 64; None of a lock or a link, which are no number.
    low : int or None
        The lowest of them, from 0; None of a lock or a link.
    takes_rest : bool
        Whether these are the bits that the other fields of the word leave: in a wider
        word there would be more of them, and in a narrower one fewer.
    meaning : str
        What they say of the object.
    """

    name: str
    bits: int | None
    low: int | None
    takes_rest: bool
    meaning: str

    @property
    def high(self) -> int | None:
        """The highest of the bits; None of a lock or a link."""
        if self.bits is None or self.low is None:
            return None
        return self.low + self.bits - 1

    @property
    def place(self) -> str:
        """The bits as in ``"63-2"`` or ``"1"``; nothing of a lock or a link."""
        if self.bits is None:
            return ""
        return str(self.low) if self.bits == 1 else f"{self.high}-{self.low}"


@dataclass(frozen=True, slots=True)
class Word:
    """One word that a mode keeps, and what its bits mean.

    Attributes
    ----------
    name : str
        As in the C source; a thread's begins with ``thread.``, and what there is once
        for all objects with ``domain.``.
    holder : {"object", "lane", "thread", "domain"}
        Who has it: each object, each thread for each object, each thread, or all
        objects together.
    number : int
        How many of them there are one after the other; 1 but for some lanes.
    fields : tuple of BitField
        From the high bits to the low, without gaps; one alone of a lock or a link.

    Notes
    -----
    A word that counts is one of 64 bits.  The explorer's is one of 30, a part of the
    same: flags and thresholds lie where it has them too.
    """

    name: str
    holder: Holder
    number: int
    fields: tuple[BitField, ...]

    @property
    def bits(self) -> int | None:
        """How wide it is; None of a lock or a link, as wide as the system makes it."""
        widths = [field.bits for field in self.fields]
        return sum(bits for bits in widths if bits is not None) or None

    @property
    def kind(self) -> Literal["number", "lock", "link"]:
        """Whether its bits count or flag something, or it is a lock, or a pointer."""
        if self.bits is not None:
            return "number"
        return "lock" if self.fields[0].name == "lock" else "link"

    @property
    def label(self) -> str:
        """Its name, and how many there are if more than one: ``"lane[4]"``."""
        return self.name if self.number == 1 else f"{self.name}[{self.number}]"


@cache
def words_of(layout: str) -> tuple[Word, ...]:
    """Return the words of a layout as ``cext/modes/modes.def`` writes it.

    Parameters
    ----------
    layout : str
        Words with ``"; "`` between them, each a name, ``": "``, and its fields from
        high to low with ``" | "`` between them.  A field is a name, a width in bits, or
        ``rest`` for what the others leave, ``" = "``, and what it means.  A field that
        is the whole word has no width.

    Raises
    ------
    ValueError
        If it is no such text; no layout of a mode is one, which the tests see to.
    """
    return tuple(_word(part) for part in layout.split("; "))


def layout_text(words: tuple[Word, ...]) -> str:
    """Return the text of which :func:`words_of` makes `words`."""
    return "; ".join(
        f"{word.label}: {' | '.join(_field_text(word, field) for field in word.fields)}"
        for word in words
    )


def _field_text(word: Word, field: BitField) -> str:
    if len(word.fields) == 1:
        return f"{field.name} = {field.meaning}"
    width = "rest" if field.takes_rest else field.bits
    return f"{field.name} {width} = {field.meaning}"


def _expect(good: object, text: str, what: str) -> None:
    if not good:
        raise ValueError(f"[refrace internal error] layout {text!r}: {what}")


def _word(text: str) -> Word:
    match = _WORD.fullmatch(text)
    _expect(match, text, "expected a name and its fields")
    assert match is not None
    name, prefix, number, fields = match.groups()
    holder: Holder = "lane" if name == "lane" else "object"
    if prefix is not None:
        holder = "thread" if prefix == "thread" else "domain"
    word = Word(name, holder, int(number or 1), _fields(fields))
    _expect(len(word.label) <= LONGEST_WORD, text, "the name is too long to draw")
    return word


def _fields(text: str) -> tuple[BitField, ...]:
    matches = [_FIELD.fullmatch(part) for part in text.split(" | ")]
    parts = [match.groups() for match in matches if match is not None]
    _expect(len(parts) == len(matches), text, "expected name, width, = and a meaning")
    _expect(len(parts) <= MOST_FIELDS, text, "too many fields to draw")
    longest = max(len(name) for name, _, _ in parts)
    _expect(longest <= LONGEST_FIELD, text, "a field's name is too long to draw")
    if len(parts) == 1:
        ((name, width, meaning),) = parts
        _expect(width is None, text, "the only field takes the whole word")
        if name in WHOLE:
            return (BitField(name, None, None, True, meaning),)
        return (BitField(name, WORD_BITS, 0, True, meaning),)

    widths = [width for _, width, _ in parts]
    _expect(widths.count("rest") == 1, text, "one of several fields takes the rest")
    _expect(None not in widths, text, "each of several fields has a width")
    rest = WORD_BITS - sum(int(width) for width in widths if width != "rest")
    _expect(rest >= 1, text, f"more than {WORD_BITS} bits")
    fields = []
    high = WORD_BITS
    for name, width, meaning in parts:
        _expect(name not in WHOLE, text, "a lock or a link is a word of its own")
        bits = rest if width == "rest" else int(width)
        high -= bits
        fields.append(BitField(name, bits, high, width == "rest", meaning))
    return tuple(fields)
