"""The protocols that a canary can support, and the slots of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["DEFAULT_SUPPORTS", "EVERY_CANARY", "PROTOCOLS", "SLOTS"]

_BINARY = (
    *("add", "sub", "mul", "matmul", "floordiv", "truediv", "mod"),
    *("lshift", "rshift", "and", "or", "xor", "pow"),
)

PROTOCOLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hash": ("hash",),
        "eq": ("eq", "ne"),
        "order": ("lt", "le", "gt", "ge"),
        "sequence": (
            *("len", "item", "setitem", "delitem", "contains"),
            *("concat", "repeat", "inplace_concat", "inplace_repeat"),
        ),
        "mapping": ("len", "item", "setitem", "delitem"),
        "number": (
            *_BINARY,
            *(f"i{name}" for name in _BINARY),
            *("divmod", "neg", "pos", "abs", "invert"),
            *("bool", "int", "index", "float"),
        ),
        "buffer": ("buffer", "releasebuffer"),
        "call": ("call",),
        "iterator": ("iter", "next"),
        "context": ("enter", "exit"),
        "attributes": ("getattr", "setattr", "delattr"),
        "async": ("await", "aiter", "anext"),
        "weakref": (),  # weak references to it are possible; that calls no slot
    }
)
"""The slots of each protocol.  Their order is that of the bits in C."""

EVERY_CANARY = ("repr", "getattr")
"""Slots that every canary has."""

SLOTS = tuple(
    dict.fromkeys(
        [*EVERY_CANARY, *(slot for slots in PROTOCOLS.values() for slot in slots)]
    )
)
"""All slots, each once."""

DEFAULT_SUPPORTS = frozenset({"hash", "eq"})
"""The protocols of a canary if none are given."""
