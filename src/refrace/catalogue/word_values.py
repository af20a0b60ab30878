"""The value of a mode's word by bit fields: ``shared 1 -> 0, merged``."""

from __future__ import annotations

from refrace.bit_layout import BitField, Word

__all__ = ["arrow", "word_change"]

SIGN = "sign"
"""The field for the sign of a word that is one number."""


def arrow(before: object, after: object) -> str:
    """Return ``"before -> after"``, or the value alone if it does not change."""
    return str(after) if before == after else f"{before} -> {after}"


def word_change(word: Word, before: int, after: int) -> str:
    """Return the values of the fields of a word before and after a step.

    Flags that are not set are omitted, and so is the name of a field that is the only
    number in its word.
    """
    first = word.fields[0]
    if first.name == SIGN:
        return arrow(_signed(word, before), _signed(word, after))
    was, now = word.read(before), word.read(after)
    shown = [
        (field, was[field.name], now[field.name])
        for field in word.fields
        if was[field.name] or now[field.name] or not _is_silent_at_zero(field)
    ]
    counts = [field for field in word.fields if not field.is_flag]
    if len(counts) == 1 and [field for field, *_ in shown] == counts:
        return arrow(*shown[0][1:])
    return ", ".join(_field_change(*one) for one in shown)


def _is_silent_at_zero(field: BitField) -> bool:
    return field.is_flag or (bool(field.value_names) and 0 not in field.value_names)


def _signed(word: Word, raw: int) -> str:
    """Return the number, or ``"sign set"`` if the other bits cannot hold it."""
    most = 1 << (word.fields[0].low or 0)
    return str(raw) if -most < raw < most else f"{SIGN} set"


def _field_change(field: BitField, before: int, after: int) -> str:
    if field.is_flag:
        if bool(before) == bool(after):
            return field.name
        return f"{field.name} {'set' if after else 'cleared'}"
    names = field.value_names
    change = arrow(names.get(before, before), names.get(after, after))
    return change if before in names else f"{field.name} {change}"
