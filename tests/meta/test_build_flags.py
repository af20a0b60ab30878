"""What `setup.py` makes of the environment; nothing is built."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("setuptools")

ROOT = Path(__file__).parents[2]


def flags(monkeypatch, **environ):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("REFRACE_SANITIZE", raising=False)
    monkeypatch.delenv("CFLAGS", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path("setup.py", run_name="flags")
    return [*made["COMPILE"], *made["OPTIMISE_CORE"]], made["LINK"]


@pytest.mark.parametrize("given", ["-g", "-g3 -O0", "-ggdb", "-Wall -g0 -g1"])
def test_debug_information_that_is_asked_for_is_kept(monkeypatch, given):
    compiled, linked = flags(monkeypatch, CFLAGS=given)
    assert "-g0" not in compiled
    assert "-fno-asynchronous-unwind-tables" not in compiled
    assert "-Wl,--strip-all" not in linked


@pytest.mark.parametrize("given", ["", "-O2 -march=native", "-g -g0", "-fno-g"])
def test_without_it_modules_are_small(monkeypatch, given):
    compiled, _ = flags(monkeypatch, CFLAGS=given)
    assert {"-g0", "-fno-asynchronous-unwind-tables"} <= {*compiled}


def test_a_sanitizer_gets_what_it_needs_to_name_places(monkeypatch):
    compiled, linked = flags(monkeypatch, REFRACE_SANITIZE="thread", CFLAGS="-O2")
    assert {"-g", "-fsanitize=thread"} <= {*compiled}
    assert "-g0" not in compiled
    assert "-fsanitize=thread" in linked
    assert "-Wl,--strip-all" not in linked
