"""How another process gets a subject: by the name of its module or file, or pickled."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, MissingPackage
from refrace.hunting.processes.subject_pickle import dump_subject

__all__ = ["SubjectSource", "can_be_imported", "search_path"]

CURE = (
    "define the subject in a module or file of its own, with everything that it needs, "
    "and try again"
)


@dataclass(frozen=True)
class SubjectSource:
    """A subject that a fresh process can load; the hunting process need not.

    Attributes
    ----------
    name : str
        The name that reports show, for example ``"mysubjects:Cache"``.
    pickled : bytes or None
        The subject itself; None if it is loaded by its name.
    """

    name: str
    pickled: bytes | None = None

    @classmethod
    def of(cls, subject: Any) -> SubjectSource:
        """Pickle a subject: by reference if a fresh process can import its module."""
        try:
            import cloudpickle
        except ImportError as error:
            raise MissingPackage(
                f"refrace.hunt needs the package cloudpickle ({error}); install it: "
                "pip install 'refrace[hunt]'"
            ) from None
        module = sys.modules.get(getattr(subject, "__module__", None) or "")
        by_value = (
            module is not None
            and module.__name__ != "__main__"
            and not can_be_imported(module)
        )
        if by_value:
            cloudpickle.register_pickle_by_value(module)
        try:
            pickled = dump_subject(subject)
        except Exception as error:
            raise InvalidArgument(
                f"subject={shown(subject)} cannot be sent to another process "
                f"({type(error).__name__}: {error}); {CURE}, or pass isolate=False"
            ) from error
        finally:
            if by_value:
                cloudpickle.unregister_pickle_by_value(module)
        return cls(name_of(subject), pickled)

    def load(self) -> Any:
        """Return the subject; called in the process that runs it.

        Raises
        ------
        InvalidArgument
            If it cannot be loaded there; the message says why.
        """
        try:
            if self.pickled is None:
                return _named(self.name)
            import pickle

            return pickle.loads(self.pickled)
        except InvalidArgument:
            raise
        except BaseException as error:
            raise InvalidArgument(
                f"the subject {self.name} cannot be loaded in a fresh process "
                f"({type(error).__name__}: {error}); {CURE}"
            ) from error


def name_of(subject: Any) -> str:
    """Return ``"module:name"`` of a class or function, or the best substitute."""
    module = getattr(subject, "__module__", None)
    name = getattr(subject, "__qualname__", None) or type(subject).__qualname__
    return f"{module}:{name}" if isinstance(module, str) else str(name)


def search_path() -> list[str]:
    """Return `sys.path` with the current folder spelled out."""
    return [os.path.abspath(entry) for entry in sys.path]


def can_be_imported(module: ModuleType) -> bool:
    """Return whether a fresh process with this `sys.path` finds the same module."""
    path: Any = None
    spec = None
    parts = module.__name__.split(".")
    for i in range(len(parts)):
        try:
            spec = PathFinder.find_spec(".".join(parts[: i + 1]), path)
        except Exception:
            return False
        if spec is None:
            return module.__name__ in sys.builtin_module_names
        path = spec.submodule_search_locations
    here = getattr(module, "__file__", None)
    if spec is None or here is None or spec.origin is None:
        return here is None
    return bool(os.path.realpath(spec.origin) == os.path.realpath(here))


def _named(target: str) -> Any:
    """Return what ``MODULE:NAME`` or ``FILE.py:NAME`` names."""
    where, colon, name = target.rpartition(":")
    if not colon or not where or not name:
        raise InvalidArgument(
            f"subject {target!r} has no name after a colon; write MODULE:NAME or "
            "FILE.py:NAME"
        )
    if ":" in where and not where.endswith(".py"):
        raise InvalidArgument(
            f"subject {target!r} has more than one colon; write MODULE:NAME or "
            "FILE.py:NAME, with dots in a name of several parts"
        )
    value: Any = _from_file(where) if where.endswith(".py") else import_module(where)
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise InvalidArgument(
                f"subject {target!r}: {where} has no {part!r}; name a class or "
                "function that it defines"
            ) from None
    return value


def _from_file(name: str) -> ModuleType:
    path = Path(name).absolute()
    if not path.is_file():
        raise InvalidArgument(
            f"the file {name!r} does not exist; name a file of Python code"
        )
    # As for a script: the file can import its neighbours.
    sys.path.insert(0, str(path.parent))
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
