"""From a source to an extension with hooks; and a message for each obstacle."""

import shutil

import pytest

import refrace
from refrace.hunting.instrument.build_instrumented import build_instrumented
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


@needs_gcc
def test_a_build_system_that_ignores_the_compiler_is_named_as_the_reason(
    tree, tmp_path
):
    setup = "import os; os.environ['CC'] = 'gcc'\n" + SETUP
    (tree / "setup.py").write_text(setup)

    with pytest.raises(refrace.EnvironmentUnfit, match="ignores CC and CXX"):
        build_instrumented(tree, tmp_path / "out")


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
