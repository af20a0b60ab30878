"""Dataclasses and named tuples to JSON-ready data and back, checked by annotation."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar, Union

from refrace.errors import InvalidData

__all__ = ["decode", "encode"]

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Return `value` as dictionaries, lists, strings, numbers, booleans and None."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Fraction):
        return str(value)
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: encode(getattr(value, field.name)) for field in fields}
    if _is_named_tuple(type(value)):
        return encode(value._asdict())
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    raise TypeError(f"[refrace internal error] cannot encode {value!r}")


def decode(kind: type[T], data: Any, place: str) -> T:
    """Rebuild a value of type `kind` from what :func:`encode` gave.

    Parameters
    ----------
    kind : type
        A frozen dataclass or named tuple, or what its fields are annotated with.
    data : object
        As read from JSON.
    place : str
        Where in the whole this stands; for messages.

    Raises
    ------
    InvalidData
        If `data` does not fit; the message says where and what was expected.
    """
    return typing.cast(T, _decode(kind, data, place))


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _expect(good: bool, data: Any, place: str, what: str) -> None:
    if not good:
        shown = repr(data)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        raise InvalidData(
            f"{place} is {shown}; expected {what}; pass what to_dict() or to_json() "
            "gave, unchanged"
        )


def _decode(kind: Any, data: Any, place: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, data, place)
    if origin is tuple:
        return _decode_tuple(kind, data, place)
    if origin is typing.Literal:
        literals = typing.get_args(kind)
        _expect(data in literals, data, place, f"one of {list(literals)}")
        return data
    if origin is dict:
        _expect(isinstance(data, dict), data, place, "an object")
        item = typing.get_args(kind)[1]
        return {
            key: _decode(item, value, f"{place}.{key}") for key, value in data.items()
        }
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        return _decode_fields(kind, names, data, place)
    if _is_named_tuple(kind):
        return _decode_fields(kind, kind._fields, data, place)
    if issubclass(kind, Enum):
        values = [member.value for member in kind]
        _expect(data in values, data, place, f"one of {values}")
        return kind(data)
    if kind is Fraction:
        _expect(isinstance(data, str), data, place, "a fraction as text")
        try:
            return Fraction(data)
        except (ValueError, ZeroDivisionError):
            _expect(False, data, place, "a fraction as text")
    if kind is float:
        good = isinstance(data, int | float) and not isinstance(data, bool)
        _expect(good, data, place, "a number")
        return float(data)
    good = type(data) is kind
    _expect(good, data, place, f"a value of type {kind.__name__}")
    return data


def _decode_union(kind: Any, data: Any, place: str) -> Any:
    choices = typing.get_args(kind)
    if data is None and type(None) in choices:
        return None
    (other,) = (choice for choice in choices if choice is not type(None))
    return _decode(other, data, place)


def _decode_tuple(kind: Any, data: Any, place: str) -> Any:
    _expect(isinstance(data, list | tuple), data, place, "a list")
    items = typing.get_args(kind)
    if items[-1] is Ellipsis:
        items = (items[0],) * len(data)
    _expect(len(items) == len(data), data, place, f"a list of {len(items)}")
    return tuple(
        _decode(item, value, f"{place}[{i}]")
        for i, (item, value) in enumerate(zip(items, data, strict=True))
    )


def _decode_fields(kind: Any, names: Iterable[str], data: Any, place: str) -> Any:
    _expect(isinstance(data, dict), data, place, "an object")
    hints = typing.get_type_hints(kind)
    names = list(names)
    _expect(set(data) == set(names), sorted(data), place, f"the fields {names}")
    return kind(
        **{name: _decode(hints[name], data[name], f"{place}.{name}") for name in names}
    )
