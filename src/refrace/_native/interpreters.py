"""Load extension modules; report an error in a second interpreter."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from refrace.errors import EnvironmentUnfit

__all__ = ["load"]

_SIGNS = ("Interpreter change detected", "does not support loading in subinterpreters")


def load(name: str) -> ModuleType:
    """Import an extension module, or a module that needs one.

    Raises
    ------
    EnvironmentUnfit
        In a second interpreter of the process.  A Cython module can be loaded into one
        interpreter only.  CPython loads a module into an isolated interpreter only if
        the module declares support for it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        if not any(sign in str(error) for sign in _SIGNS):
            raise
        raise EnvironmentUnfit(
            "the C extensions of refrace can be loaded into only one interpreter of "
            "a process, and this is a second one; use refrace in the main interpreter, "
            "or in its own process"
        ) from error
