"""What the import of a subject, or one of its calls, has loaded."""

import sys
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

from refrace.hunting.processes.loaded_code import extensions_since, watch_imports
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


def test_a_submodule_that_is_missing_is_named_and_an_attribute_is_not(
    tmp_path, monkeypatch
):
    """The package asks for its own attribute before it has it."""
    package = tmp_path / "refrace_early"
    package.mkdir()
    (package / "__init__.py").write_text(
        "for ask in ('LATE', '_fast', '_quick'):\n"
        "    try: exec('from refrace_early import ' + ask)\n"
        "    except ImportError: pass\n"
        "import json\n"
        # A module takes the place of _fast, and nothing that of _quick.
        "LATE, _fast, _quick = 1, json, False\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with watch_imports() as watch:
        import_module("refrace_early")
    found = watch.loaded().missing_extensions
    del sys.modules["refrace_early"]

    assert found == ("refrace_early._fast", "refrace_early._quick")
