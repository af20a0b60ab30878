"""The package with a mode of its own, as installed."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "examples" / "own_mode"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Return the environment of a process in which the package is installed."""
    if shutil.which("nm") is None or shutil.which("cc") is None:
        pytest.skip("NOT TESTED: a C compiler or binutils are missing")
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(PACKAGE / "src" / "hybrid_mode", folder / "hybrid_mode")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    metadata = folder / "hybrid_mode-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: hybrid-mode\nVersion: 1.0\n")
    ((group, points),) = project["entry-points"].items()
    lines = [f"{name} = {value}" for name, value in points.items()]
    (metadata / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, ""]))
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def output_of(environment, *words):
    done = subprocess.run(
        [sys.executable, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass(environment, tmp_path):
    shutil.copy(PACKAGE / "tests" / "test_hybrid.py", tmp_path)
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]

    assert "3 passed" in output_of(environment, *words, str(tmp_path))


def test_refrace_lists_and_shows_its_mode(environment):
    assert "  hybrid" in output_of(environment, "-m", "refrace", "modes")
    card = output_of(environment, "-m", "refrace", "modes", "hybrid")
    assert "plain, then atomic; claims to be correct." in card


def test_its_mode_is_known_by_the_name_that_results_have(environment):
    code = (
        "import refrace; m = refrace.mode('hybrid'); "
        "assert refrace.mode(m.name) is m; print(m.name)"
    )
    name = output_of(environment, "-c", code).strip()

    # In a process that has not loaded it yet.
    assert (
        name
        == output_of(
            environment, "-c", f"import refrace; print(refrace.mode({name!r}).name)"
        ).strip()
    )


@pytest.mark.soak
def test_pip_installs_it(environment, tmp_path):
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    # pip builds in the folder of the package.
    shutil.copytree(PACKAGE, tmp_path / "package")
    package = str(tmp_path / "package")
    output_of(os.environ, *pip, "--target", str(tmp_path / "site"), package)
    installed = {**environment, "PYTHONPATH": str(tmp_path / "site")}

    assert "plain, then atomic" in output_of(
        installed, "-m", "refrace", "modes", "hybrid"
    )
