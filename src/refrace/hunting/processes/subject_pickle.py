"""Pickle a subject, with the strategies of its operations, by value where needed."""

from __future__ import annotations

import io
import threading
from importlib import import_module
from types import BuiltinFunctionType, ModuleType
from typing import Any

__all__ = ["dump_subject"]


def dump_subject(subject: Any) -> bytes:
    """Return `subject` as bytes for ``pickle.loads``.

    cloudpickle alone fails on two things that strategies of Hypothesis contain: locks,
    and functions of an extension module that give a wrong name for their module.
    """
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, value: Any) -> Any:
            if type(value) is _RLOCK:
                return threading.RLock, ()
            if type(value) is BuiltinFunctionType and _is_misnamed(value):
                home: Any = value.__self__
                return _function_of, (home.__name__, value.__name__)
            return super().reducer_override(value)

    buffer = io.BytesIO()
    Pickler(buffer).dump(subject)
    return buffer.getvalue()


_RLOCK = type(threading.RLock())


def _is_misnamed(function: Any) -> bool:
    """Return whether a function is in its module, but not in the one that it names."""
    home = function.__self__
    return (
        isinstance(home, ModuleType)
        and home.__name__ != function.__module__
        and getattr(home, function.__name__, None) is function
    )


def _function_of(module: str, name: str) -> Any:
    return getattr(import_module(module), name)
