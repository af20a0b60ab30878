"""The README's code runs, its picture is of today, and what it links to exists."""

import importlib.util
import re
from pathlib import Path

import refrace
from refrace.explorer.corpus import EFFORTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def pictures():
    spec = importlib.util.spec_from_file_location(
        "make_pictures", ROOT / "docs" / "make_pictures.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_code_runs_and_prints_what_the_readme_shows_but_for_the_figures(
    capsys, monkeypatch
):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    # The proof over all small programs is among those of tests/explorer/prove.
    monkeypatch.setitem(EFFORTS, "small", ((2, 3), (3, 3)))

    exec(compile(code, "README.md", "exec"), {})

    shown = README.split("```python")[1].split("```\n")[2]
    printed = capsys.readouterr().out
    labels = re.compile(r"^  +([a-z]+(?: [a-z]+)?)  ", flags=re.MULTILINE)
    # A busy machine adds a table of the parts of the race.
    assert set(labels.findall(shown)) <= set(labels.findall(printed))
    assert printed.splitlines()[-1] == shown.strip().splitlines()[-1]


def test_it_counts_the_modes_and_patterns_of_today():
    text = " ".join(README.split())

    assert f"has {len(refrace.modes())} modes" in text
    assert f"has {len(refrace.gallery)} known bugs" in text


def test_the_picture_is_the_one_that_is_drawn_today():
    module = pictures()

    assert module.PICTURE.read_text(encoding="utf-8") == module.drawn()


def test_the_picture_needs_no_network():
    links = re.findall(r"https?://[^\s\"')<]+", pictures().PICTURE.read_text())
    assert {link.rstrip("/") for link in links} <= {"http://www.w3.org/2000/svg"}


def test_every_link_to_a_file_leads_to_one():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
