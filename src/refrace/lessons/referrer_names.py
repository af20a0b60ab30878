"""Describe in words where a reference was found.

No code of the objects' types runs: attributes are read through CPython's own
descriptors, and only keys of exact built-in types are printed.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from refrace._native.refcount import locals_that_are
from refrace.lessons.explanation_report import Part, PartKind
from refrace.lessons.referrers import frame_of_generator, is_generator

__all__ = ["Namer", "type_name"]

LONGEST = 60

_type_name = type.__dict__["__name__"]
_type_dict = type.__dict__["__dict__"]
_type_mro = type.__dict__["__mro__"]
_module_dict = vars(ModuleType)["__dict__"]

# Attributes of built-in objects, read from the object itself.
_MEMBERS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (MethodType, ("__self__", "__func__")),
    (BuiltinFunctionType, ("__self__",)),
    (
        FunctionType,
        (
            "__globals__",
            "__code__",
            "__defaults__",
            "__kwdefaults__",
            "__closure__",
            "__doc__",
            "__name__",
            "__qualname__",
            "__module__",
        ),
    ),
    (property, ("fget", "fset", "fdel", "__doc__")),
    (staticmethod, ("__func__",)),
    (classmethod, ("__func__",)),
)


def printable(text: str) -> str:
    """Return `text` as one line of at most 60 characters that any terminal can show."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str.__str__(text))
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def type_name(cls: type) -> str:
    """Return the name of a type without running code of its metaclass."""
    return printable(_type_name.__get__(cls))


def a(obj: Any) -> str:
    """Return the type name of `obj` with an article: ``"a list"``."""
    name = type_name(type(obj))
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def key_text(key: Any) -> str:
    """Return a key in words, without running code of its type."""
    if type(key) is str:
        return printable(repr(key[: LONGEST * 2]))
    # By identity: `in` would run the comparison of a metaclass.
    if any(type(key) is kind for kind in (int, float, bool, type(None), bytes)):
        if type(key) is int and key.bit_length() > 64:
            return "of a large int"
        if type(key) is bytes:
            key = key[:LONGEST]
        return printable(repr(key))
    return f"of type {type_name(type(key))}"


def listed(names: Sequence[Any], one: str, many: str) -> str:
    """Return ``"item 1"``, ``"items 1, 2"``, or three items and how many more."""
    words = ", ".join(str(name) for name in names[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"{one if len(names) == 1 else many} {words}{more}"


class Namer:
    """Describes the places in some holders of one object.

    It searches the referrers of the holders once, for all of them.
    """

    def __init__(self, keep: list[Any], frames: Sequence[FrameType]) -> None:
        self._keep = keep
        self._frames = frames
        self._modules: dict[int, str] = {}
        self._owners: list[Any] = []
        self._cells: dict[int, str] | None = None
        for name, module in list(sys.modules.items()):
            if issubclass(type(module), ModuleType) and type(name) is str:
                # The first name counts: multiprocessing adds another one for __main__.
                where = id(_module_dict.__get__(module))
                self._modules.setdefault(where, printable(name))

    def look_at_owners(self, holders: Sequence[Any]) -> None:
        """Find the referrers of the `holders`, to describe the holders by them."""
        if holders:
            self._owners = gc.get_referrers(*holders)

    def is_module_dict(self, holder: Any) -> bool:
        """Return whether `holder` is the globals of a module."""
        return id(holder) in self._modules

    def parts(self, holder: Any, n: int) -> list[Part]:
        """Return the `n` references of `holder`, in words."""
        kind = type(holder)
        if issubclass(kind, dict):
            return self._parts_of_dict(holder, n)
        return [Part(*self._place(holder, n), n, 0)]

    def _place(self, holder: Any, n: int) -> tuple[PartKind, str]:
        kind = type(holder)
        target = self._keep[0]
        if kind is CellType:
            return "cell", self._cell(holder)
        if kind is CodeType:
            return "code", f"constant of the code of {printable(holder.co_qualname)}"
        if kind is FrameType:
            names = locals_that_are(holder, target)
            words = listed(names, "local", "locals") if names else "part"
            return "variable", f"{words} of the finished call of {_call(holder)}"
        if is_generator(holder):
            return "variable", self._in_generator(holder)
        if issubclass(kind, list | tuple):
            where = [
                index for index, item in enumerate(_items(holder)) if item is target
            ]
            words = listed(where, "item", "items") if where else "part"
            return "item", f"{words} of {self.describe(holder)}"
        if issubclass(kind, set | frozenset):
            return "item", f"member of {self.describe(holder)}"
        if issubclass(kind, ModuleType):
            return "other", f"the globals of {a(holder)}"
        if kind is target:
            return "instance", f"its instance: {self.describe(holder)}"
        if issubclass(kind, type):
            return "other", f"base or method table of the class {_class(holder)}"
        return self._in_instance(holder, n)

    def _in_instance(self, holder: Any, n: int) -> tuple[PartKind, str]:
        target = self._keep[0]
        names = [
            name
            for kind, members in _MEMBERS
            if type(holder) is kind
            for name in members
            if getattr(holder, name, None) is target
        ]
        for cls in _type_mro.__get__(type(holder)):
            for name, member in list(_type_dict.__get__(cls).items()):
                if type(member) is MemberDescriptorType and type(name) is str:
                    try:
                        value = member.__get__(holder)
                    except AttributeError:
                        continue
                    if value is target and name not in names:
                        names.append(name)
        # Creating the dictionary of attributes is not observable, but the examined
        # object itself must stay exactly as it was.
        if not names and holder is not target:
            attributes = _instance_dict(holder)
            if attributes is not None:
                names = [k for k, v in _entries(attributes) if v is target]
        if not names:
            return "other", f"inside {self.describe(holder)}"
        named = [printable(k) if type(k) is str else key_text(k) for k in names]
        words = listed(named, "attribute", "attributes")
        return "attribute", f"{words} of {self.describe(holder)}"

    def _parts_of_dict(self, holder: Any, n: int) -> list[Part]:
        target = self._keep[0]
        entries = _entries(holder)
        keys = [key for key, value in entries if value is target][:n]
        parts = []
        if keys:
            kind, owner = self._dict_owner(holder)
            if len(keys) > 3 or kind == "item":
                shown = [key_text(key) for key in keys[:3]] + keys[3:]
                words = listed(shown, "value of key", "values of keys")
                parts.append(Part(kind, f"{words} of {owner}", len(keys), 0))
            else:
                for key in keys:
                    name = printable(key) if type(key) is str else key_text(key)
                    parts.append(Part(kind, f"{kind} {name} of {owner}", 1, 0))
        if n > len(keys):
            word = "key" if any(key is target for key, _ in entries) else "part"
            place = f"{word} of {self.describe(holder)}"
            parts.append(Part("item", place, n - len(keys), 0))
        return parts

    def _dict_owner(self, holder: Any) -> tuple[PartKind, str]:
        """Return the role of the dictionary for its owner, and the owner in words."""
        module = self._modules.get(id(holder))
        if module is not None:
            return "global", module
        for frame in self._frames:
            if frame.f_globals is holder:
                return "global", f"the code of {_call(frame)}"
        for owner in self._owners:
            if type(owner) is MappingProxyType:
                continue
            if issubclass(type(owner), type):
                proxy = _type_dict.__get__(owner)
                if any(inner is holder for inner in gc.get_referents(proxy)):
                    return "attribute", f"the class {_class(owner)}"
            elif type(owner) is FunctionType:
                if owner.__globals__ is holder:
                    name = printable(owner.__qualname__)
                    return "global", f"the code of {name}()"
                if owner.__dict__ is holder:
                    return "attribute", f"the function {printable(owner.__qualname__)}"
            elif _instance_dict(owner) is holder:
                return "attribute", a(owner)
        return "item", self.describe(holder)

    def describe(self, container: Any) -> str:
        """Return what `container` is, and its name if it has one."""
        if container is self._keep[0]:
            return "the object itself"
        for frame in self._frames:
            names = locals_that_are(frame, container)
            if names:
                return f"{a(container)}, local {names[0]} of {_call(frame)}"
        for owner in self._owners:
            name = self._name_within(owner, container)
            if name:
                return f"{a(container)}, {name}"
        return a(container)

    def _name_within(self, owner: Any, container: Any) -> str:
        module = self._modules.get(id(owner))
        if type(owner) is FunctionType:
            for part in ("__defaults__", "__kwdefaults__", "__closure__"):
                if getattr(owner, part) is container:
                    return f"{part} of {printable(owner.__qualname__)}()"
        if type(owner) is dict:
            for key, value in _entries(owner):
                if value is container and type(key) is str:
                    if module is not None:
                        return f"global {printable(key)} of {module}"
                    if self._dict_owner_is_instance(owner):
                        return f"attribute {printable(key)}"
        return ""

    def _dict_owner_is_instance(self, attributes: Any) -> bool:
        return any(
            not issubclass(type(owner), type) and _instance_dict(owner) is attributes
            for owner in gc.get_referrers(attributes)
        )

    def _cell(self, cell: Any) -> str:
        if self._cells is None:
            self._cells = _cells_of_functions()
        return self._cells.get(id(cell), "a closure cell of a running call")

    def _in_generator(self, holder: Any) -> str:
        name = printable(holder.__qualname__)
        frame = frame_of_generator(holder)
        names = locals_that_are(frame, self._keep[0]) if frame is not None else []
        words = listed(names, "local", "locals") if names else "stack"
        return f"{words} of the {type_name(type(holder))} {name}"


def _cells_of_functions() -> dict[int, str]:
    """Return a description of each closure cell of a function, by its address."""
    cells = {}
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__closure__:
            owner = printable(function.__qualname__)
            names = function.__code__.co_freevars
            for name, cell in zip(names, function.__closure__, strict=True):
                cells[id(cell)] = f"cell of {printable(name)}, used by {owner}()"
    return cells


def _call(frame: FrameType) -> str:
    return f"{printable(frame.f_code.co_qualname)}()"


def _class(cls: type) -> str:
    return type_name(cls)


def _entries(holder: Any) -> list[tuple[Any, Any]]:
    """Return keys and values; nothing if other threads keep changing them."""
    for _ in range(10):
        try:
            return list(dict.items(holder))
        except RuntimeError:  # changed while it was read
            continue
    return []


def _items(holder: Any) -> Any:
    iterate = list.__iter__ if issubclass(type(holder), list) else tuple.__iter__
    return iterate(holder)


def _instance_dict(obj: Any) -> Any:
    """Return the attribute dictionary of `obj`; None if it has no plain one."""
    for cls in _type_mro.__get__(type(obj)):
        descriptor = _type_dict.__get__(cls).get("__dict__")
        if descriptor is not None:
            if type(descriptor) is not GetSetDescriptorType:
                return None
            attributes = descriptor.__get__(obj)
            return attributes if issubclass(type(attributes), dict) else None
    return None
