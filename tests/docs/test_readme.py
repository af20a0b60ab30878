"""The README's code runs, and what it lists exists."""

import re
from pathlib import Path

import refrace
from refrace.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_twelve_lines_run_and_print_what_the_readme_shows_but_for_the_figures(
    capsys,
):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

    exec(compile(code, "README.md", "exec"), {})

    shown = README.split("```python")[1].split("```\n")[2]
    printed = capsys.readouterr().out
    labels = re.compile(r"^  +([a-z]+(?: [a-z]+)?)  ", flags=re.MULTILINE)
    assert labels.findall(printed) == labels.findall(shown)
    assert printed.splitlines()[-1] == shown.strip().splitlines()[-1]


def test_the_exploration_prints_every_line_that_the_readme_shows(capsys, monkeypatch):
    (shown,) = re.findall(r"```\n\$ refrace (.*?)```", README, flags=re.DOTALL)
    command, *lines = shown.splitlines()
    monkeypatch.chdir(ROOT)

    main(command.split())

    printed = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line != "..." and line not in printed] == []


def test_every_mode_with_a_recorded_cost_is_in_the_table_with_its_claim():
    for mode in (mode for mode in refrace.modes() if mode.cost is not None):
        assert f"| `{mode.name}` | {mode.claim} |" in README


def test_every_link_to_a_file_leads_to_one():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
