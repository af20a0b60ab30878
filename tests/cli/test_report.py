"""`refrace report`, and `--html` and `--save` of every command with a result."""

import json

import pytest

import refrace
from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode

LOST = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"

# Commands that have a result, with arguments that make it quickly.
QUICK = {
    "append": ["--appends", "20"],
    "compare": ["unlocked", "--rounds", "1"],
    "deadlock": [],
    "explain-refcount": [],
    "explore": ["PROGRAM"],
    "gallery": ["handoff-ownership"],
    "learn": ["1"],
    "prove": ["unlocked"],
    "race": ["atomic", "--objects", "10"],
    "sample": ["PROGRAM", "--runs", "20"],
}
SLOW = ("demo", "parallelism", "refleaks", "replay")
WITHOUT_RESULT = ("modes", "report")


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "lost.race"
    path.write_text(LOST)
    return path


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(refrace.explore(LOST, "unlocked").to_json())
    return path


def test_every_command_is_known_here():
    commands = command_line.list_commands(None)
    for name in set(commands) - {*QUICK, *SLOW, *WITHOUT_RESULT}:
        options = {p.name for p in command_line.get_command(None, name).params}
        assert not options & {"as_json"} or {"html", "save"} <= options, name


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_every_command_with_a_result_can_write_it_to_files(name):
    options = {p.name for p in command_line.get_command(None, name).params}
    assert {"as_json", "html", "save"} <= options


@pytest.mark.parametrize("name", QUICK)
def test_a_command_writes_a_page_and_the_data_of_what_it_prints(
    name, program, tmp_path, capsys
):
    arguments = [str(program) if word == "PROGRAM" else word for word in QUICK[name]]
    page, data = tmp_path / "page.html", tmp_path / "data.json"

    code = main([name, *arguments, "--json", "--html", str(page), "--save", str(data)])

    printed = json.loads(capsys.readouterr().out)
    assert json.loads(data.read_text()) == printed
    stored = refrace.read_result(data.read_bytes())
    assert stored.html() == page.read_text(encoding="utf-8")
    assert code == ExitCode.of(stored.judgement) or name == "learn"


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".html", b"<!doctype html>"),
        (".svg", b"<svg"),
        (".png", b"\x89PNG"),
        (".md", b"**unlocked: corrupt: leak"),
        (".sarif", b"{"),
        (".xml", b"<?xml"),
        (".txt", b"unlocked: corrupt: leak"),
        (".json", b"{"),
    ],
)
def test_report_writes_every_format(suffix, start, stored, tmp_path):
    if suffix == ".png":
        pytest.importorskip("vl_convert")
    path = tmp_path / f"out{suffix}"

    assert main(["report", str(stored), "-o", str(path)]) == ExitCode.CLEAN
    assert path.read_bytes().startswith(start)


def test_report_without_a_file_prints_the_text(stored, capsys):
    assert main(["report", str(stored)]) == ExitCode.CLEAN
    found = refrace.read_result(stored.read_bytes())
    assert capsys.readouterr().out == f"{found}\n"


def test_report_writes_several_files_and_says_nothing(stored, tmp_path, capsys):
    one, two = tmp_path / "a.html", tmp_path / "b.xml"
    main(["report", str(stored), "-o", str(one), "--output", str(two)])

    assert one.exists()
    assert two.exists()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["report", "RESULT", "-o", "x.gif"],
            "has the suffix '.gif'; use one of .html",
        ),
        (["report", "RESULT", "-o", "no/x.svg"], "there is no folder 'no'; create it"),
        (["report", "PROGRAM"], "not JSON"),
        (["report", "nothing.json"], "No such file"),
        (
            ["race", "atomic", "--html", "x.svg"],
            "has the suffix '.svg'; use one of .html",
        ),
        (["race", "atomic", "--save", "x"], "has no suffix"),
        (["learn", "--html", "x.html"], "name its NUMBER"),
        (["gallery", "--html", "x.html"], "name a SLUG or add --check"),
    ],
)
def test_a_wrong_file_is_an_error_with_a_cure(
    arguments, message, stored, program, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    named = {"RESULT": str(stored), "PROGRAM": str(program)}

    assert main([named.get(word, word) for word in arguments]) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_reported_before_the_work(
    capsys, monkeypatch, tmp_path
):
    def fail(*arguments, **options):
        raise AssertionError("raced before the file was tried")

    monkeypatch.setattr("refrace.races.race.race", fail)
    (tmp_path / "d.html").mkdir()

    code = main(["race", "atomic", "--html", str(tmp_path / "d.html")])

    assert code == ExitCode.USAGE
    assert "name another file" in capsys.readouterr().err
