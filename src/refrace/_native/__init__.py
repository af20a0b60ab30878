"""The extension modules, one .pyx for each part of the C core."""

from __future__ import annotations

from types import ModuleType

from refrace._native.interpreters import load

_EXTENSIONS = (
    "explorer",
    "lessons",
    "objects",
    "program_race",
    "refcount",
    "thread_group",
    "work",
)


def __getattr__(name: str) -> ModuleType:
    # `from refrace._native import objects` calls this first.
    if name in _EXTENSIONS:
        return load(f"refrace._native.{name}")
    raise AttributeError(f"module 'refrace._native' has no attribute {name!r}")
