"""Every example runs the way a new user would run it."""

import asyncio
import json
import re
import subprocess
import sys
from functools import cache
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


@cache
def output_of(*arguments):
    """What a script prints; each runs once in a process of the tests."""
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_property_test_finds_and_shrinks_the_bug_in_unlocked():
    printed = output_of(EXAMPLES / "09_property_test.py")

    assert "T1:\n    decref x\n  T2:\n    decref x\n" in printed
    assert "unlocked: leak: T1 and T2 both read 2 before either wrote 1" in printed


@pytest.mark.soak  # the same code as above, once more
def test_the_property_test_runs_under_pytest_too():
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]

    assert "2 passed" in output_of(*options, EXAMPLES / "09_property_test.py")


def test_the_examples_are_numbered_without_a_gap_and_listed():
    listed = (EXAMPLES / "README.md").read_text()

    numbers = [int(script.stem.split("_")[0]) for script in SCRIPTS]
    assert numbers == list(range(1, len(SCRIPTS) + 1))
    assert all(script.name in listed for script in SCRIPTS)


NOTEBOOKS = {path.stem: path for path in EXAMPLES.glob("*.ipynb")}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_stored_pictures_of_a_notebook_need_no_trust(name):
    """Jupyter removes SVG elements of a notebook that it does not trust, not images."""
    stored = NOTEBOOKS[name].read_text()

    assert "<svg" not in stored
    assert "<img " in stored


@pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled,
    reason="the notebook kernel's dependencies have no free-threaded wheels here",
)
@pytest.mark.filterwarnings("ignore")  # warnings of the notebook packages, not ours
@pytest.mark.parametrize(
    "name", ["tour", pytest.param("class", marks=pytest.mark.soak)]
)
def test_a_notebook_runs_and_shows_what_is_stored_in_it(name):
    """The kinds of outputs are compared; the numbers of races differ in each run."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    stored = nbformat.read(NOTEBOOKS[name], as_version=4)
    nbformat.validate(stored)
    ran = nbformat.read(NOTEBOOKS[name], as_version=4)

    client = nbclient.NotebookClient(ran, timeout=120, kernel_name="python3")
    asyncio.run(client.async_execute())

    assert all(cell.execution_count for cell in code_of(ran))
    assert kinds_of(ran) == kinds_of(stored)
    assert any("text/html" in kinds for _, kinds in kinds_of(ran))


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds_of(notebook):
    """Return the name of each code cell, and the kinds of its outputs."""
    return [
        (cell.id, {kind for output in cell.outputs for kind in output.get("data", {})})
        for cell in code_of(notebook)
    ]


def test_both_notebooks_are_listed():
    listed = (EXAMPLES / "README.md").read_text()

    assert sorted(NOTEBOOKS) == ["class", "tour"]
    assert all(f"`{name}.ipynb`" in listed for name in NOTEBOOKS)


def test_the_class_folds_every_answer_and_its_times_add_up_to_90_minutes():
    cells = json.loads(NOTEBOOKS["class"].read_text())["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    spans = [
        (int(begin), int(end))
        for begin, end in re.findall(
            r"^\| (\d+) to (\d+) \|", "\n".join(texts), re.MULTILINE
        )
    ]

    assert [begin for begin, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == 90
    for cell, text in zip(cells, texts, strict=True):
        tags = cell["metadata"].get("tags", [])
        if "answer" in tags or "teacher" in tags:
            assert "hide-cell" in tags or text.startswith("<details>")
    exercises = re.findall(r"\*\*Exercise (\d+)\.", "\n".join(texts))
    assert exercises == [str(n) for n in range(1, len(exercises) + 1)]
