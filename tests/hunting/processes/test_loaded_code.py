"""What the import of a subject, or one of its calls, has loaded."""

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

from refrace.hunting.processes.loaded_code import extensions_since
from refrace.hunting.schedules.runtime import extension_files


class Lazy(ModuleType):
    """A module that imports something when it is asked, which is not installed."""

    def __getattr__(self, name):
        raise ImportError(f"{name} needs a package that is not installed")


def test_a_module_that_raises_when_it_is_asked_is_no_extension(monkeypatch):
    before = frozenset(sys.modules)
    extension = ModuleType("refrace_speedups")
    extension.__file__ = f"/somewhere/refrace_speedups{EXTENSION_SUFFIXES[0]}"
    for module in (Lazy("refrace_lazy"), extension):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "refrace_blocked", None)

    assert extensions_since(before) == ["refrace_speedups"]
    assert extension.__file__ in extension_files()
