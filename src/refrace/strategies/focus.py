"""Groups of arguments: an API takes some of them in a parameter and refuses the others.

Values of all kinds find out what an API does with each.  What it does over several
calls shows only if it takes the arguments of all of them, so a program often has
arguments of one group for a parameter: one that a call has taken, as soon as there is
one.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Any

from refrace.canaries.protocols import PROTOCOLS
from refrace.subjects import Callback, CanaryArgument, HostileValue

__all__ = ["GROUPS", "Accepted", "group_of", "possible_groups", "read_accepted"]

GROUPS = (
    *("callable", "number", "text", "bytes", "sequence", "mapping", "iterable"),
    *("object", "none"),
)
"""The groups."""

Accepted = Mapping[str, tuple[str, ...]]
"""For each parameter, the groups of which a call has taken an argument."""

_HINTS = {
    "callable": (
        *("callable", "callback", "cb", "f", "fn", "func", "function", "handler"),
        *("hook", "listener", "observer", "factory", "predicate", "subscriber"),
    ),
    "number": (
        *("amount", "count", "depth", "end", "i", "idx", "index", "length", "limit"),
        *("maxsize", "n", "number", "offset", "position", "pos", "size", "start"),
        *("step", "stop", "width"),
    ),
    "text": ("filename", "name", "path", "pattern", "string", "text"),
    "bytes": ("buf", "buffer", "bytes", "data", "payload"),
    "sequence": ("array", "args", "elements", "items", "list", "seq", "sequence"),
    "mapping": ("dict", "kwargs", "map", "mapping", "table"),
    "iterable": ("iterable", "iterator", "it", "source"),
}
_HINT_OF_WORD = {word: group for group, words in _HINTS.items() for word in words}

FEW = 3
"""An API that takes more groups than these takes any object, and canaries show most."""

_OF_TYPES: dict[type, str] = {
    **dict.fromkeys((int, float), "number"),
    str: "text",
    **dict.fromkeys((bytes, bytearray), "bytes"),
    **dict.fromkeys((list, tuple), "sequence"),
    dict: "mapping",
    **dict.fromkeys((set, frozenset, range), "iterable"),
    **dict.fromkeys((Callback, type), "callable"),
    **dict.fromkeys(
        (types.MethodDescriptorType, types.BuiltinFunctionType), "callable"
    ),
    object: "object",
    type(None): "none",
}

# Of the protocols of a canary, the first of these says what it passes for.
_OF_PROTOCOLS = {
    "call": "callable",
    "number": "number",
    "buffer": "bytes",
    "sequence": "sequence",
    "mapping": "mapping",
    "iterator": "iterable",
}


def group_of(value: Any) -> str | None:
    """Return the group of a drawn argument; None if taking it says nothing."""
    if type(value) is CanaryArgument:
        if len(value.supports) >= len(PROTOCOLS) - 1:  # it passes for everything
            return None
        names = [name for name in _OF_PROTOCOLS if name in value.supports]
        return _OF_PROTOCOLS[names[0]] if names else "object"
    if type(value) is HostileValue:
        value = value.value
    return _OF_TYPES.get(type(value))


def read_accepted(accepted: Iterable[str]) -> Accepted:
    """Return the groups of each parameter of items such as ``"key:text"``.

    Those that were refused later, ``"key:not text"``, are left out if there are others.
    """
    items = set(accepted)
    found: dict[str, list[str]] = {}
    for one in sorted(items):
        parameter, _, group = one.rpartition(":")
        if group in GROUPS:
            found.setdefault(parameter, []).append(group)
    return {
        name: tuple(
            [one for one in groups if f"{name}:not {one}" not in items] or groups
        )
        for name, groups in found.items()
    }


def possible_groups(
    parameter: str, accepted: tuple[str, ...]
) -> tuple[str | None, ...]:
    """Return what to choose a parameter's group from; None is values of all kinds.

    Parameters
    ----------
    parameter : str
        Its name, which may say what it is for: ``"callback"``, ``"start_index"``.
    accepted : tuple of str
        The groups of which a call has taken an argument.
    """
    words = reversed(parameter.lower().split("_"))
    hint = next((_HINT_OF_WORD[one] for one in words if one in _HINT_OF_WORD), None)
    if hint is not None and (not accepted or hint in accepted):
        return (None, hint)
    if not accepted:
        return (*[None] * len(GROUPS), *GROUPS)
    if len(accepted) > FEW and "object" in accepted:
        return (None, None, "object")
    return (None, *accepted)
