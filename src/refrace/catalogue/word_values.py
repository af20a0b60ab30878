"""What a word of a mode holds, by its bit fields: ``shared 1 -> 0, merged``."""

from __future__ import annotations

from refrace.bit_layout import BitField, Word

__all__ = ["arrow", "word_change"]

SIGN = "sign"
"""The field that is the sign of the number which the word is."""


def arrow(before: object, after: object) -> str:
    """Return a value and what it becomes, or once what it stays."""
    return str(after) if before == after else f"{before} -> {after}"


def word_change(word: Word, before: int, after: int) -> str:
    """Return what the fields of a word say, and what they say afterwards.

    Flags are left out where they are not set, and so are the names of fields where a
    word holds one number only.
    """
    first = word.fields[0]
    if first.name == SIGN:
        return arrow(_signed(word, before), _signed(word, after))
    was, now = word.read(before), word.read(after)
    told = [
        (field, was[field.name], now[field.name])
        for field in word.fields
        if was[field.name] or now[field.name] or not _is_silent_at_zero(field)
    ]
    counts = [field for field in word.fields if not field.is_flag]
    if len(counts) == 1 and [field for field, *_ in told] == counts:
        return arrow(*told[0][1:])
    return ", ".join(_field_change(*one) for one in told)


def _is_silent_at_zero(field: BitField) -> bool:
    return field.is_flag or (bool(field.value_names) and 0 not in field.value_names)


def _signed(word: Word, raw: int) -> str:
    """Return the number, or that it is beyond what the other bits can hold."""
    most = 1 << (word.fields[0].low or 0)
    return str(raw) if -most < raw < most else f"{SIGN} set"


def _field_change(field: BitField, before: int, after: int) -> str:
    if field.is_flag:
        if bool(before) == bool(after):
            return field.name
        return f"{field.name} {'set' if after else 'cleared'}"
    names = field.value_names
    told = arrow(names.get(before, before), names.get(after, after))
    return told if before in names else f"{field.name} {told}"
