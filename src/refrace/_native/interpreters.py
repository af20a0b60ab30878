"""How extension modules are loaded, and what a second interpreter is told."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from refrace.errors import EnvironmentUnfit

__all__ = ["load"]

_SIGNS = ("Interpreter change detected", "does not support loading in subinterpreters")


def load(name: str) -> ModuleType:
    """Import a module that is, or that needs, an extension.

    Raises
    ------
    EnvironmentUnfit
        In a second interpreter of the process.  Cython's modules can be loaded into one
        interpreter, the first that asks; and CPython loads into an isolated interpreter
        only those that say that they allow it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        if not any(sign in str(error) for sign in _SIGNS):
            raise
        raise EnvironmentUnfit(
            "the C extensions of refrace can be loaded into one interpreter of a "
            "process only, and this is another one; use refrace in the main "
            "interpreter, or in a process of its own"
        ) from error
