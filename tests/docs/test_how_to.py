"""The how-to pages: their scripts run and print what the pages show, if they do."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "how-to"

# A script and, after the words "It prints", its output.
EXAMPLE = re.compile(r"```python\n(.*?)```\n\nIt prints\n\n```\n(.*?)```", re.DOTALL)

# Pages whose scripts start clusters, or build and search an extension; tests/explorer
# and tests/hunting do the same in quick tests.
SLOW = {"more-machines", "native-schedules"}

SCRIPTS = [
    pytest.param(
        script,
        output,
        id=f"{page.stem}-{number}",
        marks=[pytest.mark.soak] * (page.stem in SLOW),
    )
    for page in sorted(PAGES.glob("*.md"))
    for number, (script, output) in enumerate(EXAMPLE.findall(page.read_text()), 1)
]


@pytest.mark.parametrize(("script", "output"), SCRIPTS)
def test_a_script_prints_what_the_page_shows(script, output, tmp_path):
    if "distributed" in script:
        pytest.importorskip(
            "distributed", reason="NOT TESTED: distributed is not installed"
        )
    if "refrace cc" in script:
        is_supported = sys.platform == "linux" and platform.machine() == "x86_64"
        if not is_supported or shutil.which("gcc") is None:
            pytest.skip("NOT TESTED: native schedules need gcc, and Linux on x86-64")
    path = tmp_path / "script.py"
    path.write_text(script)

    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert (done.stdout, done.returncode) == (output, 0), done.stderr


# Scripts whose output the pages do not show; each has a test of its own.
FRAGMENT = re.compile(r"```py\n(.*?)```", re.DOTALL)
HAVE_FRAGMENTS = {"native-schedules": 2, "pytest": 1}

MYLIB = """
class Cache:
    def __init__(self, size):
        self.items = {}
    put = lambda self, key, value: self.items.__setitem__(key, value)
    get = lambda self, key: self.items.get(key)
"""
YOURLIB = """
import tally
class Counter:
    def __init__(self):
        tally.reset()
    add, value = staticmethod(tally.add), staticmethod(tally.value)
"""
SETUP = """
from setuptools import Extension, setup
extension = Extension("tally", ["tally.c"])
setup(name="yourlib", version="1", py_modules=["yourlib"], ext_modules=[extension])
"""


def fragments(name):
    found = FRAGMENT.findall((PAGES / f"{name}.md").read_text())
    assert len(found) == HAVE_FRAGMENTS[name]
    return found


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        # A build that nobody gives a folder stays in a temporary one.
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_test_of_the_page_about_pytest_hunts_and_passes(tmp_path):
    pytest.importorskip("cloudpickle", reason="NOT TESTED: cloudpickle is missing")
    (tmp_path / "mylib.py").write_text(MYLIB)
    (tmp_path / "test_cache.py").write_text(*fragments("pytest"))

    options = ("-q", "-p", "no:cacheprovider", "--refrace-seconds", "1")
    done = run(tmp_path, "-m", "pytest", *options, "test_cache.py")

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.soak
def test_the_build_and_the_hunt_of_native_schedules_find_a_lost_update(tmp_path):
    is_supported = sys.platform == "linux" and platform.machine() == "x86_64"
    if not is_supported or shutil.which("gcc") is None:
        pytest.skip("NOT TESTED: native schedules need gcc, and Linux on x86-64")
    page = (PAGES / "native-schedules.md").read_text()
    package = tmp_path / "path" / "to" / "your" / "package"
    package.mkdir(parents=True)
    (source,) = re.findall(r'SOURCE = """\n(.*?)"""', page, re.DOTALL)
    for folder in (package, tmp_path):
        (folder / "tally.c").write_text(source)
        (folder / "yourlib.py").write_text(YOURLIB)
        (folder / "setup.py").write_text(SETUP)
    built = run(tmp_path, "setup.py", "build_ext", "--inplace")
    assert built.returncode == 0, built.stderr
    (tmp_path / "script.py").write_text("\n".join(fragments("native-schedules")))

    done = run(tmp_path, "script.py")

    assert done.returncode == 0, done.stderr
    assert "wrong-answer in " in done.stdout


def test_every_script_of_the_pages_is_run():
    for page in PAGES.glob("*.md"):
        text = page.read_text()
        assert text.count("```python") == len(EXAMPLE.findall(text)), page.name
        n_fragments = HAVE_FRAGMENTS.get(page.stem, 0)
        assert len(FRAGMENT.findall(text)) == n_fragments, page.name


def test_every_link_to_a_file_leads_to_one():
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
