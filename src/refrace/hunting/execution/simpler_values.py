"""Simpler values instead of an argument, for shrinking."""

from __future__ import annotations

from typing import Any

from refrace.subjects import Callback, CanaryArgument, HostileClass, HostileValue

__all__ = ["simpler"]

MOST_ITEMS = 6
DEEPEST = 2


def simpler(value: Any, depth: int = 0) -> list[Any]:
    """Return values to try instead of `value`, the simplest first; [] if it is simple.

    They share parts with `value`, so use one of them only.
    """
    kind = type(value)
    if kind is CanaryArgument or value is None:
        return []
    if kind is HostileClass:
        return [value.base]
    if kind is HostileValue:
        return [value.value]
    if kind is int:
        return [0] if value else []
    if kind in (str, bytes, bytearray):
        return [value[:0], *([value[:1]] if len(value) > 1 else [])] if value else []
    if kind in (list, tuple):
        return _simpler_sequence(kind, value, depth)
    if kind is dict:
        without = [
            {other: value[other] for other in value if other is not key}
            for key in list(value)[:MOST_ITEMS]
        ]
        return [*list(value.values())[:MOST_ITEMS], *without]
    if kind is set:
        items = list(value)[:MOST_ITEMS]
        return [*items, *(value - {item} for item in items)]
    if kind is Callback:
        changed = [] if value.action == "return" else [Callback("return", value.value)]
        if value.value is not None:
            changed += [value.value, Callback(value.action, None)]
        return changed
    return [] if kind in (bool, float) else [None]


def _simpler_sequence(kind: type, value: Any, depth: int) -> list[Any]:
    if not value:
        return []
    items = list(value)[:MOST_ITEMS]
    found: list[Any] = [kind()]
    found += [item for item in items if item is not value]
    if len(value) > 3:
        found += [value[: len(value) // 2], value[len(value) // 2 :]]
    found += [value[:at] + value[at + 1 :] for at in range(len(items))]
    if depth < DEEPEST:
        for at, item in enumerate(items):
            if item is not value:
                found += [
                    value[:at] + kind([one]) + value[at + 1 :]
                    for one in simpler(item, depth + 1)
                ]
    return found
