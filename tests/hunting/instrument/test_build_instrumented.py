"""From a source to an extension with hooks; and a message for each obstacle."""

import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

import refrace
from refrace.hunting.instrument import build_instrumented as building
from refrace.hunting.instrument.build_instrumented import build_instrumented
from refrace.hunting.schedules.c_lines import c_lines
from refrace.hunting.schedules.runtime import has_hooks

SETUP = """
from setuptools import Extension, setup
setup(name="counted", version="1.0", ext_modules=[Extension("counted", ["src/c.c"])])
"""
SOURCE = """
#include <Python.h>
static long n;
static PyObject *add(PyObject *m, PyObject *x) { n++; return PyLong_FromLong(n); }
static PyMethodDef methods[] = {{"add", add, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "counted", NULL, -1, methods,
                                 NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_counted(void) { return PyModule_Create(&def); }
"""
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "setup.py").write_text(SETUP)
    (folder / "src" / "c.c").write_text(SOURCE)
    return folder


@needs_gcc
def test_a_source_tree_gives_an_extension_with_hooks_and_its_sources(tree, tmp_path):
    built = build_instrumented(tree, tmp_path / "out")

    (extension,) = built.extensions
    assert has_hooks(f"{built.folder}/{extension}")
    assert built.plain == ()
    assert (tmp_path / "out" / "sources" / "src" / "c.c").read_text() == SOURCE


BACKENDS = {
    "meson": (
        "mesonpy",
        "meson-python",
        "meson.build",
        """
project('counted', 'c', version: '1.0')
py = import('python').find_installation(pure: false)
py.extension_module('counted', 'src/c.c', install: true)
""",
    ),
    "scikit-build": (
        "scikit_build_core.build",
        "scikit-build-core",
        "CMakeLists.txt",
        """
cmake_minimum_required(VERSION 3.18)
project(counted LANGUAGES C)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
Python_add_library(counted MODULE src/c.c WITH_SOABI)
install(TARGETS counted DESTINATION .)
""",
    ),
}
PROJECT = """
[build-system]
requires = ["{requirement}"]
build-backend = "{backend}"
[project]
name = "counted"
version = "1.0"
"""


@needs_gcc
@pytest.mark.parametrize("name", BACKENDS)
def test_meson_and_cmake_build_an_extension_with_hooks_and_lines_of_its_sources(
    tree, tmp_path, name
):
    backend, requirement, file, text = BACKENDS[name]
    if find_spec(backend.partition(".")[0]) is None:
        pytest.skip(f"NOT TESTED: {requirement} is not installed; pip install it")
    (tree / "setup.py").unlink()
    (tree / file).write_text(text)
    (tree / "pyproject.toml").write_text(
        PROJECT.format(requirement=requirement, backend=backend)
    )

    built = build_instrumented(tree, tmp_path / "out")

    (extension,) = built.extensions
    path = f"{built.folder}/{extension}"
    assert has_hooks(path)
    symbols = subprocess.run(["nm", path], capture_output=True, text=True, check=True)
    (start,) = (
        int(line.split()[0], 16)
        for line in symbols.stdout.splitlines()
        if line.endswith(" t add")
    )
    (line,) = c_lines([(path, start + 1)])
    assert Path(line.file).read_text() == SOURCE
    assert "long n" in SOURCE.splitlines()[line.line - 2]  # the line before `add`


@needs_gcc
def test_a_build_system_that_ignores_the_compiler_is_named_as_the_reason(
    tree, tmp_path
):
    setup = "import os; os.environ['CC'] = 'gcc'\n" + SETUP
    (tree / "setup.py").write_text(setup)

    with pytest.raises(refrace.EnvironmentUnfit, match="ignores CC and CXX"):
        build_instrumented(tree, tmp_path / "out")


@needs_gcc
@pytest.mark.parametrize("why", ["refused", "interrupted"])
def test_a_build_that_fails_leaves_no_temporary_folder(
    why, tree, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failure = refrace.EnvironmentUnfit if why == "refused" else KeyboardInterrupt
    before = sorted(tmp_path.iterdir())
    seen = []

    def failing(source, into, environ):
        seen.append(Path(into).is_dir())
        raise failure("no")

    monkeypatch.setattr(building, "build", failing)
    with pytest.raises(failure):
        build_instrumented(tree)

    assert seen == [True]
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_not_empty_is_refused(tree, tmp_path):
    with pytest.raises(refrace.InvalidArgument, match="not an empty folder"):
        build_instrumented(tree, tmp_path)


@pytest.mark.parametrize("into", [1, b"x", ["x"]])
def test_anything_but_a_path_is_refused(tree, into):
    with pytest.raises(refrace.InvalidArgumentType, match="pass a folder, or None"):
        build_instrumented(tree, into)


@pytest.mark.parametrize("source", [1, None])
def test_anything_but_a_source_is_refused(source, tmp_path):
    with pytest.raises(refrace.InvalidArgumentType, match="source="):
        build_instrumented(source, tmp_path / "out")


def test_an_unknown_compiler_is_refused(tree):
    with pytest.raises(refrace.InvalidArgument, match="compiler="):
        build_instrumented(tree, compiler="tcc")


def test_a_compiler_that_is_not_installed_is_named(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(refrace.EnvironmentUnfit, match="compiler='clang'"):
        build_instrumented(tree, tmp_path / "out", compiler="clang")
