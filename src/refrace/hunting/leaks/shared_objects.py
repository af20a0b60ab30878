"""Objects that a callable shares with the rest of the process, and their names.

C code that forgets (or drops) a reference to a builtin or to a constant of its module
allocates nothing: only the reference count of that object moves.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from refrace._native.refcount import read_count

__all__ = ["MOST_OBJECTS", "shared_objects"]

MOST_OBJECTS = 5000

_SINGLETONS = {
    "None": None,
    "True": True,
    "False": False,
    "NotImplemented": NotImplemented,
    "()": (),
    "''": "",
    "b''": b"",
    "0": 0,
    "1": 1,
}


def shared_objects(call: Any) -> tuple[dict[str, Any], int]:
    """Return the shared objects of a callable by name, and how many are immortal.

    They are the builtins, the constants, defaults and closure of the callable, the
    globals that it names, and what the modules among them contain.  Immortal objects,
    whose counts never change, are left out.
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()
    immortal = 0
    for name, obj in _candidates(call):
        if id(obj) in seen:
            continue
        seen.add(id(obj))
        if read_count(obj).is_immortal:
            immortal += 1
        elif len(found) < MOST_OBJECTS:
            found.setdefault(name, obj)
    return found, immortal


def _candidates(call: Any) -> Iterator[tuple[str, Any]]:
    yield from _SINGLETONS.items()
    for name, obj in vars(builtins).items():
        yield f"builtins.{name}", obj
    modules: dict[str, ModuleType] = {}
    for function in _functions(call):
        for name, obj in _used_by(function):
            yield name, obj
            if isinstance(obj, ModuleType):
                modules.setdefault(obj.__name__, obj)
            else:
                _note_module(obj, modules)
    _note_module(call, modules)
    for name in _with_parts(modules):
        module = sys.modules.get(name)
        for key, obj in list(vars(module).items()) if module is not None else ():
            yield f"{name}.{key}", obj


def _note_module(obj: Any, modules: dict[str, ModuleType]) -> None:
    """Add the module that defines a class or a function, if it is an extension."""
    if not isinstance(obj, type) and not inspect.isbuiltin(obj):
        return
    name = getattr(obj, "__module__", None)
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is not None and module is not builtins:
        modules.setdefault(module.__name__, module)


def _with_parts(modules: dict[str, ModuleType]) -> list[str]:
    """Return the names of the modules and of the loaded extensions inside them."""
    names = list(modules)
    for name, module in list(sys.modules.items()):
        parent = name.partition(".")[0]
        file = getattr(module, "__file__", None) or ""
        if parent in modules and name not in modules and file.endswith((".so", ".pyd")):
            names.append(name)
    return names


def _functions(call: Any) -> Iterator[FunctionType]:
    """Yield the Python functions that a call of `call` enters first."""
    while isinstance(call, functools.partial):
        call = call.func
    if isinstance(call, MethodType):
        call = call.__func__
    if isinstance(call, type):
        for part in (vars(call).get("__init__"), vars(call).get("__new__")):
            part = getattr(part, "__func__", part)
            if isinstance(part, FunctionType):
                yield part
    elif isinstance(call, FunctionType):
        yield call
    else:
        part = inspect.getattr_static(type(call), "__call__", None)
        if isinstance(part, FunctionType):
            yield part


def _used_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    label = function.__qualname__
    for code in _codes(function.__code__):
        for name in code.co_names:
            if name in function.__globals__:
                yield f"{function.__module__}.{name}", function.__globals__[name]
        for i, constant in enumerate(code.co_consts):
            if not isinstance(constant, CodeType):
                yield f"constant {i} of {label}", constant
    for i, default in enumerate(function.__defaults__ or ()):
        yield f"default {i} of {label}", default
    for name, cell in zip(
        function.__code__.co_freevars, function.__closure__ or (), strict=False
    ):
        try:
            yield f"{name} of {label}", cell.cell_contents
        except ValueError:  # not assigned yet
            continue


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
