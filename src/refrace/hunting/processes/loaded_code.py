"""What loading a subject brought into a process: extensions, and what was missing."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType
from typing import Any

from refrace._base.attributes import attribute_or_none
from refrace.environment import gil_is_enabled

__all__ = ["ImportWatch", "LoadedCode", "extensions_since", "watch_imports"]

_MOST = 50


@dataclass(frozen=True)
class LoadedCode:
    """What the import of a subject did to its process.

    Attributes
    ----------
    gil_before, gil_after : bool
        Whether the GIL was enabled before and after.
    extensions : tuple of str
        Modules that were loaded from shared libraries, except those of the standard
        library.
    missing_extensions : tuple of str
        Modules of packages that were loaded, which were asked for and do not exist, and
        whose names are those of compiled parts: a stand-in in Python may run instead.
    python_threads, native_threads : int
        Threads that the import left running, besides the main one.
    """

    gil_before: bool
    gil_after: bool
    extensions: tuple[str, ...]
    missing_extensions: tuple[str, ...]
    python_threads: int
    native_threads: int

    def with_extensions(self, more: Collection[str]) -> LoadedCode:
        """Return the same with modules that were loaded later."""
        every = sorted({*self.extensions, *more})
        return replace(self, extensions=tuple(every[:_MOST]))


class ImportWatch:
    """The state of the process before an import."""

    def __init__(self) -> None:
        self._gil = gil_is_enabled()
        self._before = set(sys.modules)
        self.not_found: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Note a module that no finder found; this one, the last, finds none either."""
        self.not_found.append(name)

    def loaded(self) -> LoadedCode:
        """Return what has been loaded since."""
        extensions = extensions_since(self._before)
        packages = {name.split(".")[0] for name in set(sys.modules) - self._before}
        missing = sorted(
            {
                name
                for name in self.not_found
                if "." in name
                and name.split(".")[0] in packages
                and name not in sys.modules
                and not _is_attribute(name)
            }
        )
        threads = _native_threads()
        python = threading.active_count()
        return LoadedCode(
            gil_before=self._gil,
            gil_after=gil_is_enabled(),
            extensions=tuple(extensions[:_MOST]),
            missing_extensions=tuple(missing[:_MOST]),
            python_threads=python - 1,
            native_threads=max(0, threads - python),
        )


@contextmanager
def watch_imports() -> Iterator[ImportWatch]:
    """Note what is imported, and what is asked for in vain, inside the block."""
    watch = ImportWatch()
    sys.meta_path.append(watch)
    try:
        yield watch
    finally:
        sys.meta_path.remove(watch)


def extensions_since(before: Collection[str]) -> list[str]:
    """Return the extension modules, except Python's own, that are not in `before`."""
    return sorted(
        name
        for name in set(sys.modules).difference(before)
        if _is_foreign_extension(sys.modules[name])
    )


def _is_attribute(name: str) -> bool:
    """Return whether it is an attribute: `from package import it` came too early.

    A module under that name may be the stand-in; None or False says that there is none.
    """
    package, _, attribute = name.rpartition(".")
    value = attribute_or_none(sys.modules.get(package), attribute)
    is_missing = value is None or value is False
    return not is_missing and not isinstance(value, ModuleType)


def _is_foreign_extension(module: Any) -> bool:
    file = attribute_or_none(module, "__file__")
    if not isinstance(file, str) or not file.endswith(tuple(EXTENSION_SUFFIXES)):
        return False
    standard = os.path.dirname(os.__file__)
    inside = os.path.realpath(file).startswith(os.path.realpath(standard) + os.sep)
    return not inside or "site-packages" in file


def _native_threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()
