"""From a source to a folder with the extension; and a message for each obstacle."""

import importlib.machinery
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

import refrace
from refrace.hunting.builds import build as module
from refrace.hunting.builds.build import build

SETUP = """
from setuptools import Extension, setup
setup(name="built-here", version="1.0", ext_modules=[Extension("built_here", ["m.c"])])
"""
SOURCE = """
#include <Python.h>
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "built_here", NULL, -1, NULL,
                                 NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_built_here(void) {
    PyObject *module = PyModule_Create(&def);
    if (module != NULL) PyModule_AddIntConstant(module, "flag", FLAG);
    return module;
}
"""
CC = shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(CC is None, reason="needs a C compiler")


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "setup.py").write_text(SETUP)
    (folder / "m.c").write_text(SOURCE)
    return folder


@pytest.fixture
def with_what_is_installed(monkeypatch):
    """Let pip get nothing for the build: that takes half of the time of a small one."""
    if find_spec("setuptools") is not None:
        # pip takes the value for one of `build-isolation`.
        monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "false")


def flag_of(built):
    """What the module says, in a fresh interpreter."""
    script = (
        f"import sys; sys.path.insert(0, {built.folder!r})\n"
        "import built_here; print(built_here.flag)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return int(ran.stdout)


@needs_compiler
def test_a_source_tree_is_built_with_the_flags_and_stays_as_it_was(tree, tmp_path):
    before = sorted(tree.rglob("*"))
    built = build(tree, tmp_path / "out", {"CC": CC, "CFLAGS": "-DFLAG=41"})

    (extension,) = built.extensions
    assert extension.startswith("built_here")
    assert extension.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
    assert flag_of(built) == 41
    assert "-DFLAG=41" in built.log
    assert sorted(tree.rglob("*")) == before


@needs_compiler
@pytest.mark.usefixtures("with_what_is_installed")
def test_an_sdist_is_built_too(tree, tmp_path):
    sdist = tmp_path / "built_here-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as packed:
        packed.add(tree, "built_here-1.0")

    assert flag_of(build(sdist, tmp_path / "out", {"CFLAGS": "-DFLAG=42"})) == 42


@needs_compiler
@pytest.mark.usefixtures("with_what_is_installed")
def test_a_build_that_fails_shows_the_error_of_the_compiler(tree, tmp_path):
    with pytest.raises(refrace.EnvironmentUnfit) as raised:
        build(tree, tmp_path / "out", {"CFLAGS": "-DFLAG=no_such_name"})

    message = str(raised.value)
    assert "CFLAGS='-DFLAG=no_such_name'" in message
    assert "no_such_name" in message.partition("From the build:")[2]


@pytest.mark.usefixtures("with_what_is_installed")
def test_a_pure_python_result_is_pointed_out(tree, tmp_path):
    (tree / "setup.py").write_text(
        'from setuptools import setup\nsetup(name="built-here", py_modules=[])\n'
    )
    with pytest.raises(refrace.EnvironmentUnfit, match="made no extension module"):
        build(tree, tmp_path / "out", {})


def answers(*outputs):
    """Stands in for pip: fails with each of the outputs in turn."""
    rest = list(outputs)

    def run(command, **settings):
        return SimpleNamespace(returncode=1, stdout=rest.pop(0))

    return run


def test_a_missing_compiler_is_named(tree, tmp_path):
    output = "unable to execute 'no-such-cc': No such file or directory\n"
    with pytest.raises(refrace.EnvironmentUnfit, match="compiler no-such-cc, which is"):
        build(tree, tmp_path, {"CC": "no-such-cc"}, run=answers(output))


def test_without_a_network_it_builds_with_what_is_installed_or_says_so(tree, tmp_path):
    output = "ERROR: No matching distribution found for setuptools>=40.8.0\n"
    with pytest.raises(refrace.EnvironmentUnfit, match="connect to a package index"):
        build(tree, tmp_path, {}, run=answers(output, output))


def test_a_build_without_pip_says_how_to_get_it(tree, tmp_path, monkeypatch):
    monkeypatch.setattr(
        module,
        "importlib",
        SimpleNamespace(util=SimpleNamespace(find_spec=lambda name: None)),
    )
    with pytest.raises(refrace.EnvironmentUnfit, match="run `python -m ensurepip`"):
        build(tree, tmp_path, {})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "source=3 is an int; pass a folder"),
        ("no/such/folder", "is not there and is no requirement; pass the folder"),
        ("a b", "is no requirement"),
        ("https://example.org/x", "is no requirement"),
    ],
)
def test_anything_but_a_source_is_refused_with_a_cure(source, message, tmp_path):
    with pytest.raises(refrace.RefraceError, match=message):
        build(source, tmp_path, {})


def test_a_folder_without_a_build_and_a_file_other_than_an_sdist_are_refused(tmp_path):
    with pytest.raises(refrace.InvalidArgument, match=r"neither pyproject\.toml nor"):
        build(tmp_path, tmp_path / "out", {})
    (tmp_path / "m.c").write_text("")
    with pytest.raises(refrace.InvalidArgument, match="is a file, but no sdist"):
        build(tmp_path / "m.c", tmp_path / "out", {})
