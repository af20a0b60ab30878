"""Checks of arguments: each message shows the value, the place and a fix."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any, TypeVar

from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType

__all__ = [
    "a_kind",
    "check_bool",
    "check_callback",
    "check_choice",
    "check_integer",
    "check_number",
    "nearest",
]

Choice = TypeVar("Choice", bound=str)

LARGEST = 2**63 - 1


def a_kind(value: Any) -> str:
    """Return the type of a value with its article: "a str", "an int"."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def check_integer(
    name: str, value: Any, *, low: int, high: int = LARGEST, why: str = ""
) -> int:
    """Return `value` if it is an integer in ``low..high``; raise otherwise.

    Objects with ``__index__`` are accepted, except booleans.
    """
    # Look at the type: a class has the __index__ of its instances.
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)}; pass a whole number"
        )
    try:
        number = operator.index(value)
    except Exception as error:
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)} that does not convert to a "
            f"whole number ({type(error).__name__}); pass a whole number"
        ) from error
    if not low <= number <= high:
        to_high = f"from {low:,} to {high:,}"
        bounds = f"of at least {low:,}" if high == LARGEST else to_high
        reason = f" ({why})" if why else ""
        raise InvalidArgument(
            f"{name}={shown(number)} is out of range{reason}; pass a whole number "
            f"{bounds}"
        )
    return number


def check_number(name: str, value: Any, *, low: float, high: float) -> float:
    """Return `value` as a float if it is a number in ``low..high``; raise otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)}; pass a number"
        )
    if not low <= value <= high:
        raise InvalidArgument(
            f"{name}={shown(value)} is out of range; pass a number from {low:g} to "
            f"{high:g}"
        )
    return float(value)


def check_bool(name: str, value: Any) -> bool:
    """Return `value` if it is a bool; raise otherwise."""
    if not isinstance(value, bool):
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)}; pass True or False"
        )
    return value


def check_callback(name: str, value: Any) -> Any:
    """Return `value` if it is callable or None; raise otherwise."""
    if value is not None and not callable(value):
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)}; pass a function, or None"
        )
    return value


def nearest(word: str, words: Collection[str]) -> str:
    """Return ``" (did you mean 'w'?)"`` for the nearest word, or ``""``."""
    from difflib import get_close_matches

    known = {one.lower(): one for one in words}
    close = get_close_matches(word.lower(), known, n=1)
    return f" (did you mean {known[close[0]]!r}?)" if close else ""


def check_choice(name: str, value: Any, choices: Collection[Choice]) -> Choice:
    """Return `value` if it is one of `choices`; raise otherwise."""
    if isinstance(value, str):
        for choice in choices:
            if choice == value:
                return choice
    listed = ", ".join(repr(str(choice)) for choice in choices)
    if not isinstance(value, str):
        raise InvalidArgumentType(
            f"{name}={shown(value)} is {a_kind(value)}; pass one of {listed}"
        )
    raise InvalidArgument(
        f"{name}={shown(value)} is unknown{nearest(value, choices)}; pass one of "
        f"{listed}"
    )
