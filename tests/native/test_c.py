"""The C tests of cext/tests, each under its own name."""

import re
import subprocess

import pytest
from native.c_runner import CEXT, build_runner


def names_in_sources():
    """Names as the sources have them: known without building anything."""
    return sorted(
        f"{source.stem.removeprefix('test_')}.{name}"
        for source in (CEXT / "tests").glob("test_*.c")
        for name in re.findall(r"^TEST\((\w+)\)", source.read_text(), re.MULTILINE)
    )


@pytest.fixture(scope="session")
def runner():
    return build_runner()


@pytest.mark.parametrize("name", names_in_sources())
def test_c(runner, name):
    ran = subprocess.run(
        [runner, name], capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, f"\n{ran.stderr}{ran.stdout}"


def test_the_runner_has_just_the_tests_that_the_sources_name(runner):
    listed = subprocess.run(
        [runner, "--list"], capture_output=True, text=True, check=True
    )
    assert sorted(listed.stdout.split()) == names_in_sources()


def test_a_name_that_no_c_test_has_fails(runner):
    ran = subprocess.run([runner, "race.no_such"], capture_output=True, check=False)
    assert ran.returncode == 1
