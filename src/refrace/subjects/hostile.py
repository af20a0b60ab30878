"""A subclass in which one attribute misbehaves."""

from __future__ import annotations

from typing import Any

from refrace.subjects.callback import act
from refrace.subjects.values import HostileClass

__all__ = ["attributes_of", "is_hostile", "is_special", "make_class"]

_MARK = "__refrace_hostile__"

# Attributes without which no instance can be made, or that Python reads from the type.
_NEEDED = {
    *("__abstractmethods__", "__base__", "__bases__", "__class__", "__classcell__"),
    *("__class_getitem__", "__del__", "__delattr__", "__dict__", "__doc__"),
    *("__getattribute__", "__init__", "__init_subclass__", "__match_args__"),
    *("__module__", "__mro__", "__name__", "__new__", "__qualname__", "__setattr__"),
    *("__setstate__", "__slots__", "__subclasscheck__", "__subclasshook__"),
    *("__weakref__", "__firstlineno__", "__static_attributes__"),
}


_OPERATORS = (
    *(
        "add",
        "and",
        "divmod",
        "floordiv",
        "lshift",
        "matmul",
        "mod",
        "mul",
        "or",
        "pow",
    ),
    *("rshift", "sub", "truediv", "xor"),
)
_SPECIAL = {
    *dir(int),
    *dir(list),
    *dir(dict),
    *dir(bytes),
    *dir(type),
    *dir(len),
    *(f"__{form}{name}__" for name in _OPERATORS for form in ("", "r", "i")),
    *("__aenter__", "__aexit__", "__aiter__", "__anext__", "__await__", "__complex__"),
    *("__copy__", "__deepcopy__", "__del__", "__enter__", "__exit__", "__fspath__"),
    *("__get__", "__getattr__", "__length_hint__", "__missing__", "__mro_entries__"),
    *("__next__", "__set__", "__delete__", "__set_name__", "__buffer__"),
    *("__release_buffer__", "__replace__"),
}


def attributes_of(base: type) -> list[str]:
    """Return the attributes of a class that a subclass can override."""
    return [name for name in dir(base) if name not in _NEEDED]


def is_special(name: str) -> bool:
    """Return whether an attribute belongs to a protocol of Python."""
    return name in _SPECIAL


def make_class(hostile: HostileClass) -> type:
    """Return the class that `hostile` describes."""
    name, action = hostile.attribute, hostile.action

    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        act(action, arguments)
        return getattr(super(made, self), name)(*arguments, **named)

    def get(self: Any) -> Any:
        act(action, ())
        return getattr(super(made, self), name)

    body: Any = property(get) if hostile.form == "property" else method
    made: type = type(repr(hostile), (hostile.base,), {name: body, _MARK: True})
    return made


def is_hostile(value: object) -> bool:
    """Return whether a value is a class that :func:`make_class` has made."""
    return isinstance(value, type) and _MARK in vars(value)
