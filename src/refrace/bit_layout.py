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

# They keep a drawing of all within 80 columns: see refrace.display.bit_fields.
MOST_FIELDS = 4
LONGEST_FIELD = 11
LONGEST_WORD = 17

# Words that are no number; their one field is called so.
WHOLE = ("lock", "link")

_WORD = re.compile(r"((?:(thread|domain)\.)?[a-z][a-z_]*)(?:\[([2-9])\])?: (.+)")
_FIELD = re.compile(r"([a-z][a-z-]*)(\?)?(?: (rest|[1-9][0-9]?))? = (\S(?:.*\S)?)")
_NAMED = re.compile(r"(0|[1-9][0-9]*) (\S.*)")


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
    is_flag : bool
        Whether they say something only where they are not 0.
    """

    name: str
    bits: int | None
    low: int | None
    takes_rest: bool
    meaning: str
    is_flag: bool = False

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

    @property
    def value_names(self) -> dict[int, str]:
        """What its values are called, as its meaning says; empty where it counts."""
        named = [_NAMED.fullmatch(part) for part in self.meaning.split(", ")]
        pairs = [match.groups() for match in named if match is not None]
        return {int(n): name for n, name in pairs} if len(pairs) == len(named) else {}


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

    def read(self, raw: int) -> dict[str, int]:
        """Return what each field holds in a word that is `raw`.

        Parameters
        ----------
        raw : int
            The word as a signed number, as a trace has it.

        Returns
        -------
        dict of str to int
            By the field's name, from the high bits to the low; empty of a lock or a
            link.  A field that takes the rest, and stands highest, has a sign.

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
    """Return the words of a layout as ``cext/modes/modes.def`` writes it.

    Parameters
    ----------
    layout : str
        Words with ``"; "`` between them, each a name, ``": "``, and its fields from
        high to low with ``" | "`` between them.  A field is a name, ``"?"`` if it is a
        flag, a width in bits, or ``rest`` for what the others leave, ``" = "``, and
        what it means.  A field that is the whole word has no width.  A meaning such as
        ``"0 this, 1 that"`` names its values.

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
