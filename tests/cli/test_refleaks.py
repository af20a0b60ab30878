"""`refrace refleaks`: exit codes, and messages for what cannot be called."""

import contextlib
import json
import sys

import pytest

from refrace.cli import main

pytestmark = pytest.mark.usefixtures("quick_collections")

MODULE = """
kept = []
def keep(x):
    kept.append([x])
def give_back(x):
    return [x]
raise_at_import = 1
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module in the current folder."""
    name = "leaks_of_the_command_line"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield name
    sys.modules.pop(name, None)


QUICK = ["--calls", "1500", "--seconds", "120", "--seed", "1"]


def test_a_leak_exits_with_1(module, capsys):
    argument = ["--argument", "x=st.booleans()", *QUICK]

    assert main(["refleaks", f"{module}:keep", *argument]) == 1
    assert f"{module}.keep leaks" in capsys.readouterr().out
    assert main(["refleaks", f"{module}:keep", "--json", *argument]) == 1
    assert json.loads(capsys.readouterr().out)["judgement"] == "findings"


def test_a_clean_callable_exits_with_0_and_json_has_the_judgement(module, capsys):
    assert main(["refleaks", f"{module}:give_back", "--json", *QUICK]) == 0
    assert json.loads(capsys.readouterr().out)["judgement"] == "clean"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["keep"], "'keep' does not name a callable; pass MODULE:NAME"),
        (["no_such_module_here:f"], "importing 'no_such_module_here' raised Module"),
        (["json:dumsp"], "'json' has no 'dumsp' (did you mean 'dump"),
        (["json:dumps", "--argument", "st.text()"], "has no name; pass NAME=STRATEGY"),
        (["json:dumps", "--argument", "obj=st.texd()"], "raised AttributeError"),
        (["json:dumps", "--argument", "obj=3"], "=3 is an int; pass a Hypothesis"),
        (["json:dumps", "--seconds", "0"], "seconds=0.0 is out of range"),
        (["json.py:dumps"], "there is no file 'json.py'; pass FILE.py:NAME"),
        (["json:__name__"], "callable='json' is a str; pass a function"),
    ],
)
def test_a_usage_error_exits_with_2_and_a_cure(arguments, message, capsys):
    assert main(["refleaks", *arguments]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_callable_in_a_file_is_found_from_any_folder(module, tmp_path, capsys):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with contextlib.chdir(folder):
        code = main(["refleaks", f"../{module}.py:give_back", *QUICK])

    assert code == 0
    out = capsys.readouterr().out
    assert "No leak found in" in out
    assert f"{module}.give_back" in out
