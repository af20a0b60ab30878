"""The C tests of cext/tests, each under its own name."""

import fcntl
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

CEXT = Path(__file__).parents[2] / "cext"


def names_in_sources():
    """Names as the sources have them: known without building anything."""
    return sorted(
        f"{source.stem.removeprefix('test_')}.{name}"
        for source in (CEXT / "tests").glob("test_*.c")
        for name in re.findall(r"^TEST\((\w+)\)", source.read_text(), re.MULTILINE)
    )


@pytest.fixture(scope="session")
def runner():
    """Build the runner with the compiler that this Python was built for."""
    compiler = sysconfig.get_config_var("CC") or "cc"
    build = CEXT.parent / "build" / "cext" / "pytest"
    build.mkdir(parents=True, exist_ok=True)
    # One worker builds; the others find what it built.
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.run(
            ["make", "-C", CEXT, "-j2", "runner", f"CC={compiler}", f"BUILD={build}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert made.returncode == 0, made.stdout + made.stderr
    return build / "runner"


@pytest.mark.parametrize("name", names_in_sources())
def test_c(runner, name):
    ran = subprocess.run(
        [runner, name], capture_output=True, text=True, check=False, timeout=60
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
