"""Every example runs the way a new user would run it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import refrace

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("[0-9]*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_script_runs_and_prints_what_it_saw(script):
    printed = output_of(script)

    assert printed.strip()
    assert max(map(len, printed.splitlines())) <= 80


def output_of(*arguments):
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_property_test_finds_and_shrinks_the_bug_in_unlocked():
    printed = output_of(EXAMPLES / "09_property_test.py")

    assert "T1:\n    decref x\n  T2:\n    decref x\n" in printed
    assert "unlocked: leak: T1 and T2 both read 2 before either wrote 1" in printed


def test_the_property_test_runs_under_pytest_too():
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]

    assert "2 passed" in output_of(*options, EXAMPLES / "09_property_test.py")


def test_the_examples_are_numbered_without_a_gap_and_listed():
    listed = (EXAMPLES / "README.md").read_text()

    numbers = [int(script.stem.split("_")[0]) for script in SCRIPTS]
    assert numbers == list(range(1, len(SCRIPTS) + 1))
    assert all(script.name in listed for script in SCRIPTS)


@pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled,
    reason="the notebook kernel's dependencies have no free-threaded wheels here",
)
@pytest.mark.filterwarnings("ignore")  # warnings of the notebook packages, not ours
def test_the_tour_runs_from_top_to_bottom():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    nbformat.validate(notebook)

    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
    asyncio.run(client.async_execute())

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert any("text/html" in str(cell.outputs) for cell in code)
