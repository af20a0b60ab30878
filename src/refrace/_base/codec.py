"""Convert dataclasses and named tuples to JSON-ready data and back, with type checks.

Two special rules: a class with a `parse` class method is stored as its text, and a
dictionary field with `KEYED_BY` metadata is stored as the list of its values.  A class
whose fields must be consistent has a method `_misfit`, which describes the first
inconsistency.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar, Union

from refrace._base.field_ranges import range_of
from refrace._base.safe_repr import shown
from refrace.errors import InvalidData, RefraceError

__all__ = ["ADDED_LATER", "KEYED_BY", "decode", "encode"]

T = TypeVar("T")

# The form that str() writes; Fraction() also accepts "1e9999999", which takes hours.
_FRACTION = re.compile(r"-?[0-9]{1,4300}(/[1-9][0-9]{0,4299})?")

KEYED_BY = "keyed_by"
"""Metadata of a dictionary field whose keys are an attribute of its values."""

NOT_ENCODED = "not_encoded"
"""Metadata of a field that the encoded form omits."""


ADDED_LATER = "added_later"
"""Metadata of a field that older stored data lacks; its default applies there."""


def encode(value: Any) -> Any:
    """Return `value` as dictionaries, lists, strings, numbers, booleans and None."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Fraction):
        return str(value)
    if hasattr(type(value), "parse"):
        return str(value)
    if dataclasses.is_dataclass(value):
        return {
            field.name: _encode_field(field, getattr(value, field.name))
            for field in dataclasses.fields(value)
            if NOT_ENCODED not in field.metadata
        }
    if _is_named_tuple(type(value)):
        return encode(value._asdict())
    if isinstance(value, frozenset):
        return sorted(map(encode, value))
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    raise TypeError(f"[refrace internal error] cannot encode {value!r}")


def _encode_field(field: dataclasses.Field[Any], value: Any) -> Any:
    return encode(list(value.values()) if KEYED_BY in field.metadata else value)


def decode(kind: type[T], data: Any, place: str) -> T:
    """Rebuild a value of type `kind` from the output of :func:`encode`.

    Parameters
    ----------
    kind : type
        A frozen dataclass or named tuple, or an annotation of its fields.
    data : object
        As read from JSON.
    place : str
        The position in the whole, for messages.

    Raises
    ------
    InvalidData
        If `data` does not match; the message says where and what was expected.
    """
    return typing.cast(T, _decode(kind, data, place))


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _expect(good: bool, data: Any, place: str, what: str) -> None:
    if not good:
        raise InvalidData(
            f"{place} is {shown(data, 60)}; expected {what}; pass the output of "
            "to_dict() or to_json() unchanged"
        )


def _decode(kind: Any, data: Any, place: str, field: str = "") -> Any:
    """Rebuild a value; `field` is the ``"Class.field"`` that contains it."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, data, place, field)
    if origin is tuple:
        return _decode_tuple(kind, data, place, field)
    if origin is frozenset:
        items = _decode_items(typing.get_args(kind)[0], data, place, field)
        _expect(len(set(items)) == len(items), data, place, "distinct items")
        return frozenset(items)
    if origin is typing.Literal:
        literals = typing.get_args(kind)
        _expect(data in literals, data, place, f"one of {list(literals)}")
        return data
    if origin is dict:
        return _decode_dict(kind, data, place, field)
    if hasattr(kind, "parse"):
        return _decode_text(kind, data, place)
    if dataclasses.is_dataclass(kind):
        names = [each.name for each in dataclasses.fields(kind)]
        return _decode_fields(kind, names, data, place)
    if _is_named_tuple(kind):
        return _decode_fields(kind, kind._fields, data, place)
    if issubclass(kind, Enum):
        values = [member.value for member in kind]
        _expect(data in values, data, place, f"one of {values}")
        return kind(data)
    if kind is Fraction:
        return _decode_fraction(data, place)
    if kind in (int, float):
        return _decode_number(kind, data, place, field)
    good = type(data) is kind
    _expect(good, data, place, f"a value of type {kind.__name__}")
    if kind is str:
        _expect(_is_text(data), data, place, "text without lone surrogates")
    return data


def _decode_fraction(data: Any, place: str) -> Fraction:
    good = isinstance(data, str) and _FRACTION.fullmatch(data) is not None
    _expect(good, data, place, "a fraction as text")
    return Fraction(data)


def _decode_number(kind: Any, data: Any, place: str, field: str) -> Any:
    kinds = (int, float) if kind is float else (int,)
    what = "a number" if kind is float else "a value of type int"
    _expect(type(data) in kinds, data, place, what)
    low, high = range_of(field, kind)
    if not low <= data <= high:  # also if it is NaN
        bounds = f"from {low:,} to {high:,}" if high < 1e6 else f"of at least {low:,}"
        what = "a finite number" if kind is float else "a whole number"
        _expect(False, data, place, f"{what} {bounds}")
    return kind(data)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decode_dict(kind: Any, data: Any, place: str, field: str) -> dict[str, Any]:
    _expect(isinstance(data, dict), data, place, "an object")
    _expect(_has_names(data), data, place, "an object with text keys")
    item = typing.get_args(kind)[1]
    return {
        key: _decode(item, value, f"{place}.{key}", field)
        for key, value in data.items()
    }


def _has_names(data: dict[Any, Any]) -> bool:
    return all(isinstance(key, str) and _is_text(key) for key in data)


def _decode_union(kind: Any, data: Any, place: str, field: str) -> Any:
    choices = typing.get_args(kind)
    if data is None and type(None) in choices:
        return None
    others = [choice for choice in choices if choice is not type(None)]
    for choice in others:
        stored = list if typing.get_origin(choice) is tuple else choice
        if len(others) == 1 or type(data) is stored:
            return _decode(choice, data, place, field)
    return _expect(False, data, place, " or ".join(map(str, others)))


def _decode_text(kind: Any, data: Any, place: str) -> Any:
    _expect(isinstance(data, str), data, place, "text")
    try:
        return kind.parse(data)
    except RefraceError as error:
        raise InvalidData(f"{place}: {error}") from None


def _decode_items(kind: Any, data: Any, place: str, field: str) -> tuple[Any, ...]:
    _expect(isinstance(data, list | tuple), data, place, "a list")
    return tuple(
        _decode(kind, item, f"{place}[{i}]", field) for i, item in enumerate(data)
    )


def _decode_tuple(kind: Any, data: Any, place: str, field: str) -> Any:
    items = typing.get_args(kind)
    if items[-1] is Ellipsis:
        return _decode_items(items[0], data, place, field)
    _expect(isinstance(data, list | tuple), data, place, "a list")
    _expect(len(items) == len(data), data, place, f"a list of {len(items)}")
    return tuple(
        _decode(item, value, f"{place}[{i}]", field)
        for i, (item, value) in enumerate(zip(items, data, strict=True))
    )


def _decode_fields(kind: Any, names: Iterable[str], data: Any, place: str) -> Any:
    _expect(isinstance(data, dict), data, place, "an object")
    hints = typing.get_type_hints(kind)
    names = list(names)
    fits = set(names) - _added_later(kind) <= set(data) <= set(names)
    _expect(fits, list(data), place, f"the fields {names}")
    names = [name for name in names if name in data]
    keys = _keys_of(kind)
    built = kind(
        **{
            name: _decode_keyed(hints[name], keys[name], data[name], f"{place}.{name}")
            if name in keys
            else _decode(
                hints[name], data[name], f"{place}.{name}", f"{kind.__name__}.{name}"
            )
            for name in names
        }
    )
    wrong = built._misfit() if hasattr(kind, "_misfit") else None
    if wrong:
        raise InvalidData(
            f"{place}: {wrong}; pass the output of to_dict() or to_json() unchanged"
        )
    return built


def _added_later(kind: Any) -> set[str]:
    """Return the fields that older stored data may lack; they have defaults."""
    if not dataclasses.is_dataclass(kind):
        return set()
    return {f.name for f in dataclasses.fields(kind) if ADDED_LATER in f.metadata}


def _keys_of(kind: Any) -> dict[str, str]:
    """Return the dictionary fields that are stored as lists, with their keys."""
    if not dataclasses.is_dataclass(kind):
        return {}
    return {
        field.name: field.metadata[KEYED_BY]
        for field in dataclasses.fields(kind)
        if KEYED_BY in field.metadata
    }


def _decode_keyed(hint: Any, key: str, data: Any, place: str) -> Any:
    items = _decode_items(typing.get_args(hint)[1], data, place, "")
    keyed = {getattr(item, key): item for item in items}
    _expect(len(keyed) == len(items), data, place, f"items with distinct {key}")
    return keyed
