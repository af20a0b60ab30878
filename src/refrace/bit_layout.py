"""The words that a mode keeps for an object, bit by bit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

__all__ = ["WORD_BITS", "BitField", "Word", "layout_text", "words_of"]

Holder = Literal["object", "lane", "thread", "domain"]

WORD_BITS = 64
"""Bits of a native counting word."""

# They keep a drawing within 80 columns: see refrace.display.bit_fields.
MOST_FIELDS = 4
LONGEST_FIELD = 11
LONGEST_WORD = 17

# Words that are not numbers; their only field has this name.
WHOLE = ("lock", "link")

_WORD = re.compile(r"((?:(thread|domain)\.)?[a-z][a-z_]*)(?:\[([2-9])\])?: (.+)")
_FIELD = re.compile(r"([a-z][a-z-]*)(\?)?(?: (rest|[1-9][0-9]?))? = (\S(?:.*\S)?)")
_NAMED = re.compile(r"(0|[1-9][0-9]*) (\S.*)")


@dataclass(frozen=True, slots=True)
class BitField:
    """Some bits of a word that have one meaning.

    Attributes
    ----------
    name : str
        The name in a drawing.
    bits : int or None
        Their number, 1 to 64; None for a lock or a link, which are not numbers.
    low : int or None
        The lowest of them, from 0; None for a lock or a link.
    takes_rest : bool
        Whether the field takes the bits that the other fields leave: it is wider in a
        wider word and narrower in a narrower one.
    meaning : str
        Their meaning.
    is_flag : bool
        Whether the field is shown only if it is not 0.
    """

    name: str
    bits: int | None
    low: int | None
    takes_rest: bool
    meaning: str
    is_flag: bool = False

    @property
    def high(self) -> int | None:
        """The highest of the bits; None for a lock or a link."""
        if self.bits is None or self.low is None:
            return None
        return self.low + self.bits - 1

    @property
    def place(self) -> str:
        """The bits as in ``"63-2"`` or ``"1"``; empty for a lock or a link."""
        if self.bits is None:
            return ""
        return str(self.low) if self.bits == 1 else f"{self.high}-{self.low}"

    @property
    def value_names(self) -> dict[int, str]:
        """The names of its values, read from its meaning; empty for a number."""
        named = [_NAMED.fullmatch(part) for part in self.meaning.split(", ")]
        pairs = [match.groups() for match in named if match is not None]
        return {int(n): name for n, name in pairs} if len(pairs) == len(named) else {}


@dataclass(frozen=True, slots=True)
class Word:
    """One word that a mode keeps, and the meaning of its bits.

    Attributes
    ----------
    name : str
        As in the C source; the name of a thread's word begins with ``thread.``, that of
        a word shared by all objects with ``domain.``.
    holder : {"object", "lane", "thread", "domain"}
        What has the word: each object, each thread for each object, each thread, or all
        objects together.
    number : int
        Number of consecutive words; 1 except for some lanes.
    fields : tuple of BitField
        From the high bits to the low, without gaps; exactly one for a lock or a link.

    Notes
    -----
    A native counting word has 64 bits.  The explorer's word has 30: flags and
    thresholds lie within them.
    """

    name: str
    holder: Holder
    number: int
    fields: tuple[BitField, ...]

    @property
    def bits(self) -> int | None:
        """The width in bits; None for a lock or a link, whose width the system sets."""
        widths = [field.bits for field in self.fields]
        return sum(bits for bits in widths if bits is not None) or None

    @property
    def kind(self) -> Literal["number", "lock", "link"]:
        """Whether the word is a number (with flags), a lock or a pointer."""
        if self.bits is not None:
            return "number"
        return "lock" if self.fields[0].name == "lock" else "link"

    @property
    def label(self) -> str:
        """Its name, with the number of words if more than one: ``"lane[4]"``."""
        return self.name if self.number == 1 else f"{self.name}[{self.number}]"

    def read(self, raw: int) -> dict[str, int]:
        """Return the value of each field in a word with the value `raw`.

        Parameters
        ----------
        raw : int
            The word as a signed number, as in a trace.

        Returns
        -------
        dict of str to int
            By the name of the field, from the high bits to the low; empty for a lock or
            a link.  The highest field is signed if it takes the rest.

        Examples
        --------
        >>> import refrace
        >>> words = {word.name: word for word in refrace.mode("biased").words}
        >>> words["ob_ref_shared"].read(7)
        {'shared': 1, 'state': 3}
        """
        values = {}
        for place, field in enumerate(self.fields):
            if field.bits is None or field.low is None:
                continue
            signed = place == 0 and field.takes_rest
            value = raw >> field.low
            values[field.name] = value if signed else value % (1 << field.bits)
        return values


@cache
def words_of(layout: str) -> tuple[Word, ...]:
    """Return the words of a layout in the grammar of ``cext/modes/card.h``.

    Parameters
    ----------
    layout : str
        Words separated by ``"; "``.  A word is a name, ``": "``, and its fields from
        high to low, separated by ``" | "``.  A field is a name, ``"?"`` if it is a
        flag, a width in bits, or ``rest`` for the bits that the others leave, ``" = "``
        and its meaning.  A field that is the whole word has no width.  A meaning such
        as ``"0 this, 1 that"`` names its values.

    Raises
    ------
    ValueError
        If the text is malformed; the tests check that no layout of a mode is.
    """
    return tuple(_word(part) for part in layout.split("; "))


def layout_text(words: tuple[Word, ...]) -> str:
    """Return the text that :func:`words_of` turns into `words`."""
    return "; ".join(
        f"{word.label}: {' | '.join(_field_text(word, field) for field in word.fields)}"
        for word in words
    )


def _field_text(word: Word, field: BitField) -> str:
    name = f"{field.name}?" if field.is_flag else field.name
    if len(word.fields) == 1:
        return f"{name} = {field.meaning}"
    width = "rest" if field.takes_rest else field.bits
    return f"{name} {width} = {field.meaning}"


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
    longest = max(len(name) for name, *_ in parts)
    _expect(longest <= LONGEST_FIELD, text, "a field's name is too long to draw")
    if len(parts) == 1:
        ((name, flag, width, meaning),) = parts
        _expect(width is None, text, "the only field takes the whole word")
        _expect(flag is None, text, "a flag is a part of a word")
        if name in WHOLE:
            return (BitField(name, None, None, True, meaning),)
        return (BitField(name, WORD_BITS, 0, True, meaning),)

    widths = [width for _, _, width, _ in parts]
    _expect(widths.count("rest") == 1, text, "one of several fields takes the rest")
    _expect(None not in widths, text, "each of several fields has a width")
    rest = WORD_BITS - sum(int(width) for width in widths if width != "rest")
    _expect(rest >= 1, text, f"more than {WORD_BITS} bits")
    fields = []
    high = WORD_BITS
    for name, flag, width, meaning in parts:
        _expect(name not in WHOLE, text, "a lock or a link is a word of its own")
        bits = rest if width == "rest" else int(width)
        high -= bits
        takes_rest = width == "rest"
        fields.append(BitField(name, bits, high, takes_rest, meaning, flag is not None))
    return tuple(fields)
