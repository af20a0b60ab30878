"""Files: short enough to read in a sitting, and all of them in the sdist."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CODE = {".py", ".pyx", ".pxi", ".pxd", ".pyi", ".c", ".h", ".def"}
LONGEST = 400

# Files with one idea that needs more lines, and why it is not two.
LONGER = {}


def tracked():
    """Files of the checkout; a tree that is none (an sdist) has nothing to compare."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = listed.stdout.split("\0")
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def test_no_file_is_longer_than_can_be_read_in_a_sitting():
    too_long = {
        str(path): lines
        for path in tracked()
        if path.suffix in CODE
        and (lines := len((ROOT / path).read_text().splitlines())) > LONGEST
        and str(path) not in LONGER
    }
    assert too_long == {}


def test_every_file_of_code_says_first_what_it_is():
    """A docstring, or a comment; empty files are markers."""
    opening = {
        ".py": ('"""', "#!", "# "),
        ".pyx": ('"""', "# "),
        ".pxd": ("# ",),
        ".pxi": ("# ",),
        ".c": ("/* ",),
        ".h": ("/* ",),
        ".def": ("/* ",),
    }
    silent = [
        str(path)
        for path in tracked()
        if path.suffix in opening
        and (text := (ROOT / path).read_text())
        and not text.startswith(opening[path.suffix])
    ]
    assert silent == []


def test_a_file_of_c_names_itself_in_its_first_line():
    wrong = [
        str(path)
        for path in tracked()
        if path.suffix in {".c", ".h", ".def"}
        and not (ROOT / path).read_text().startswith(f"/* {path.name} -- ")
    ]
    assert wrong == []


def test_the_sdist_has_every_source_and_test(tmp_path):
    """cythonize() makes setuptools forget the .pyx; MANIFEST.in brings it back."""
    # The egg-info of an earlier build remembers its files, so this one has its own.
    own = ["egg_info", "--egg-base", str(tmp_path)]
    built = subprocess.run(
        [sys.executable, "setup.py", *own, "sdist", "--dist-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (archive,) = tmp_path.glob("*.tar.gz")

    with tarfile.open(archive) as tar:
        packed = {Path(*Path(name).parts[1:]) for name in tar.getnames()}

    wanted = {
        path
        for path in tracked()
        if path.parts[0] in {"src", "cext", "tests", "examples", "benchmarks"}
        or str(path) in {"pyproject.toml", "setup.py", "Makefile", "LICENSE"}
    }
    assert sorted(map(str, wanted - packed)) == []
    assert not [path for path in packed if path.suffix in {".so", ".pyc", ".o"}]
