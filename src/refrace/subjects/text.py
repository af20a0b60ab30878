"""Arguments as text, for people: short, and evaluable where that is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from refrace._base.safe_repr import shown
from refrace.subjects.callback import Callback
from refrace.subjects.values import (
    CanaryArgument,
    HostileClass,
    HostileValue,
    OrderedSet,
)

__all__ = ["arguments_text", "value_text"]

LONGEST = 40
MOST_ITEMS = 12
DEEPEST = 6


def arguments_text(positional: Sequence[Any], named: Mapping[str, Any]) -> str:
    """Return the text of the arguments of one call."""
    texts = [value_text(value) for value in positional]
    texts += [f"{name}={value_text(value)}" for name, value in named.items()]
    return ", ".join(texts)


def value_text(value: Any, depth: int = 0) -> str:
    """Return the text of one argument."""
    kind = type(value)
    if kind in (CanaryArgument, HostileClass):
        return repr(value)
    if kind is HostileValue:
        return f"{value.cls!r}({value_text(value.value, depth + 1)})"
    if kind in (str, bytes, bytearray) and len(value) > LONGEST:
        return _long_text(value)
    if kind is Callback:
        return f"Callback({value.action!r}, {value_text(value.value, depth + 1)})"
    if kind in (list, tuple, set, OrderedSet, dict):
        return _container_text(value, depth)
    if kind is object:
        return "object()"
    if isinstance(value, type):
        return value.__name__
    return shown(value, LONGEST)


def _long_text(value: Any) -> str:
    for period in (1, 2, 4, 5, 8):
        piece, count = value[:period], len(value) // period
        if piece * count == value:
            return f"{shown(piece)} * {count}"
    return shown(value, LONGEST)


def _container_text(value: Any, depth: int) -> str:
    if depth >= DEEPEST:
        return "..."
    items = [
        f"{value_text(key, depth + 1)}: {value_text(value[key], depth + 1)}"
        if type(value) is dict
        else value_text(key, depth + 1)
        for key in list(value)[:MOST_ITEMS]
    ]
    if isinstance(value, set):
        items.sort()
    if len(value) > MOST_ITEMS:
        items.append("...")
    inside = ", ".join(items)
    if type(value) is tuple:
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if type(value) is list:
        return f"[{inside}]"
    return "set()" if isinstance(value, set) and not value else f"{{{inside}}}"
