"""What `setup.py` makes of the environment; nothing is built."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("setuptools") is None, reason="setup.py needs setuptools"
)

ROOT = Path(__file__).parents[2]

PRINT_FLAGS = """
import json, runpy
made = runpy.run_path("setup.py", run_name="flags")
print(json.dumps([[*made["COMPILE"], *made["OPTIMISE_CORE"]], made["LINK"]]))
"""


def flags(**environ):
    # In a process of its own: setuptools cannot be imported where another test has
    # imported the distutils of the standard library.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("REFRACE_SANITIZE", "CFLAGS")
    }
    run = subprocess.run(
        [sys.executable, "-c", PRINT_FLAGS],
        cwd=ROOT,
        env={**inherited, **environ},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("given", ["-g", "-g3 -O0", "-ggdb", "-Wall -g0 -g1"])
def test_debug_information_that_is_asked_for_is_kept(given):
    compiled, linked = flags(CFLAGS=given)
    assert "-g0" not in compiled
    assert "-fno-asynchronous-unwind-tables" not in compiled
    assert "-Wl,--strip-all" not in linked


@pytest.mark.parametrize("given", ["", "-O2 -march=native", "-g -g0", "-fno-g"])
def test_without_it_modules_are_small(given):
    compiled, _ = flags(CFLAGS=given)
    assert {"-g0", "-fno-asynchronous-unwind-tables"} <= {*compiled}


def test_a_sanitizer_gets_what_it_needs_to_name_places():
    compiled, linked = flags(REFRACE_SANITIZE="thread", CFLAGS="-O2")
    assert {"-g", "-fsanitize=thread"} <= {*compiled}
    assert "-g0" not in compiled
    assert "-fsanitize=thread" in linked
    assert "-Wl,--strip-all" not in linked
