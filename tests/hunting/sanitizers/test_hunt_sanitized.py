"""A hunt under a sanitizer: bugs of an extension are found, with their lines in C."""

import pytest

import refrace
from refrace.cli import main
from refrace.hunting.sanitizers.hunt_sanitized import hunt_sanitized
from refrace.hunting.sanitizers.toolchain import find_toolchain

SETUP = """
from setuptools import Extension, setup
setup(name="sanitized-here", version="1.0",
      ext_modules=[Extension("sanitized_here", ["sanitized_here.c"])])
"""
# Line 6 reads freed memory; line 10 is a race if the GIL is not held around it.
SOURCE = """#include <Python.h>
#include <stdlib.h>
static PyObject *freed(PyObject *module, PyObject *none) {
    char *text = malloc(8);
    free(text);
    return PyLong_FromLong(((volatile char *)text)[2]);
}
static long total;
static void count(void) {
    for (int i = 0; i < 20000; i++) *(volatile long *)&total += 1;
}
static PyObject *unlocked(PyObject *module, PyObject *none) {
    Py_BEGIN_ALLOW_THREADS
    count();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
static PyObject *held(PyObject *module, PyObject *none) {
    count();
    Py_RETURN_NONE;
}
static PyMethodDef methods[] = {{"freed", freed, METH_NOARGS, NULL},
    {"unlocked", unlocked, METH_NOARGS, NULL}, {"held", held, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "sanitized_here", NULL,
    -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_sanitized_here(void) { return PyModule_Create(&definition); }
"""
SUBJECTS = """
import refrace, sanitized_here

class Freed:
    @refrace.operation()
    def freed(self): sanitized_here.freed()

class Unlocked:
    @refrace.operation()
    def unlocked(self): sanitized_here.unlocked()

class Held:
    @refrace.operation()
    def held(self): sanitized_here.held()
"""


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "setup.py").write_text(SETUP)
    (folder / "sanitized_here.c").write_text(SOURCE)
    (tmp_path / "subjects_here.py").write_text(SUBJECTS)
    return folder


def toolchain_or_skip(kind):
    try:
        find_toolchain(kind)
    except refrace.EnvironmentUnfit as error:
        pytest.skip(f"NOT TESTED: {error}")


def hunted(tree, name, kind, **settings):
    return hunt_sanitized(
        f"{tree.parent / 'subjects_here.py'}:{name}",
        tree,
        kind,
        seed=1,
        store=False,
        **settings,
    )


@pytest.mark.soak
def test_a_use_of_freed_memory_is_found_with_its_line(tree):
    toolchain_or_skip("address")
    report = hunted(tree, "Freed", "address", threads=[1], seconds=1)

    (finding,) = report.findings
    assert finding.kind == "use-after-free"
    assert finding.c_location == "freed (sanitized_here.c:6)"
    assert "AddressSanitizer: heap-use-after-free" in finding.message
    assert "freed by thread T0 here: freed (sanitized_here.c:5)" in finding.message
    assert "--sanitize address" in finding.reproducer


@pytest.mark.soak
def test_accesses_that_the_gil_orders_are_not_a_race(tree):
    """On a free-threaded build it is one; there, such reports are notes."""
    toolchain_or_skip("thread")
    report = hunted(tree, "Held", "thread", threads=[2], seconds=2, repeats=20)

    assert report.findings == ()


@pytest.mark.attack
@pytest.mark.soak  # it takes two threads inside at once, which a busy machine delays
def test_a_race_without_the_gil_is_found_with_its_line(tree):
    toolchain_or_skip("thread")
    report = hunted(tree, "Unlocked", "thread", threads=[2], seconds=20, repeats=200)

    if report.notes:
        assert "sanitized_here.c:10" in " ".join(report.notes)
    else:
        assert [each.kind for each in report.findings] == ["data-race"]
        assert report.findings[0].c_location == "count (sanitized_here.c:10)"


@pytest.mark.soak
def test_another_extension_than_the_one_that_was_built_is_pointed_out(tree):
    toolchain_or_skip("address")
    (tree.parent / "subjects_here.py").write_text(
        "import refrace\n"
        "class Other:\n    @refrace.operation()\n    def f(self): pass\n"
    )
    with pytest.raises(refrace.EnvironmentUnfit, match="did not load sanitized_here"):
        hunted(tree, "Other", "address", threads=[1], seconds=0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--source", "x"], "--source is only for a build with --sanitize"),
        (["--sanitize", "thread", "--program", "x"], "cannot be used with --program"),
        (["--sanitize", "memory"], "'memory' is not one of"),
        (["--sanitize", "address", "--source", "no/such"], "is not there and is no"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message, capsys):
    assert main(["hunt", "m:S", *options]) in (2, 4)
    complaint = " ".join(capsys.readouterr().err.split())
    assert message in complaint or "sanitizer" in complaint
