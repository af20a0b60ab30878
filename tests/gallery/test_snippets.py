"""Every C snippet in the gallery compiles against the installed Python.h."""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig

import pytest

from refrace import gallery

# Sanitizers, optimisation and similar options are not relevant here.
COMPILER = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[
    0
]
# A snippet is part of a file: its functions have no caller.
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]
SNIPPETS = {
    f"{pattern.slug}-{which}": getattr(pattern.idiom, which)
    for pattern in gallery.values()
    for which in ("buggy", "better")
}


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    """The compiler messages for all snippets; Python.h is read only once."""
    folder = tmp_path_factory.mktemp("snippets")
    include = sysconfig.get_path("include")
    if not os.path.exists(os.path.join(include, "Python.h")):
        pytest.skip(f"{include} has no Python.h")
    (folder / "prefix.h").write_text("#include <Python.h>\n")
    compiler = [COMPILER, *FLAGS, "-isystem", include]
    subprocess.run(
        [*compiler, "-x", "c-header", "prefix.h", "-o", "prefix.h.gch"],
        cwd=folder,
        check=True,
    )
    for name, code in SNIPPETS.items():
        (folder / f"{name}.c").write_text(code)
    compiled = subprocess.run(
        [
            *compiler,
            *("-fsyntax-only", "-include", "prefix.h"),
            *(f"{name}.c" for name in SNIPPETS),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return compiled.stderr


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_compiles_against_python_h(name, messages):
    assert not [line for line in messages.splitlines() if f"{name}.c:" in line]


def test_the_compiler_finds_what_is_wrong(tmp_path):
    """Without this, the other tests could not fail if the compiler checked nothing."""
    (tmp_path / "wrong.c").write_text(
        "#include <Python.h>\nint f(void) { Py_NoSuch(); }"
    )
    compiled = subprocess.run(
        [
            COMPILER,
            *FLAGS,
            *("-isystem", sysconfig.get_path("include")),
            *("-fsyntax-only", "wrong.c"),
        ],
        cwd=tmp_path,
        capture_output=True,
    )
    assert compiled.returncode != 0


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_fits_on_a_narrow_page(name):
    assert max(map(len, SNIPPETS[name].splitlines())) <= 80
    assert "\t" not in SNIPPETS[name]


def test_better_is_another_thing_than_buggy():
    for pattern in gallery.values():
        assert pattern.idiom.better != pattern.idiom.buggy
