"""Output that cannot be written, readers that go away, files named to write to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode

# Commands take their defaults from the verbs when they are imported, which is to be
# before a test puts another in a verb's place.
for name in ("compare", "demo", "parallelism"):
    command_line.get_command(None, name)

FULL = Path("/dev/full")

# Of each way to print: a report, its JSON, a list, a story by and by, help.
PRINTING = [
    ("modes", "--json"),
    ("gallery", "handoff-ownership"),
    ("learn",),
    ("race", "unlocked", "--objects", "10"),
    ("--help",),
]
ALSO_PRINTING = [
    ("modes",),
    ("gallery",),
    ("race", "unlocked", "--objects", "10", "--json"),
    ("append", "--appends", "100"),
    ("explain-refcount",),
    ("--version",),
    ("race", "--help"),
]
each_command = pytest.mark.parametrize(
    "arguments",
    [
        *PRINTING,
        *(pytest.param(each, marks=pytest.mark.soak) for each in ALSO_PRINTING),
    ],
    ids=" ".join,
)


def refrace(arguments, **options):
    command = [sys.executable, "-m", "refrace", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@each_command
def test_output_that_cannot_be_written_is_one_line_and_has_its_own_code(arguments):
    with FULL.open("w") as full:
        done = refrace(arguments, stdout=full)

    assert done.stderr.splitlines() == [
        "refrace: cannot write the output: No space left on device"
    ]
    assert done.returncode == ExitCode.OUTPUT


@each_command
def test_a_reader_that_goes_away_ends_a_command_as_a_signal_would(arguments):
    """As of a shell's `refrace learn | head -1`: what was found is not known."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = refrace(arguments, stdout=writing)
    finally:
        os.close(writing)

    assert done.stderr == ""
    assert done.returncode == ExitCode.BROKEN_PIPE == 128 + 13


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_complaints_that_cannot_be_written_leave_the_code_as_it_is():
    command = [sys.executable, "-m", "refrace", "race", "nolock"]
    with FULL.open("w") as full:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full)

    assert done.returncode == ExitCode.USAGE


# ----------------------------------------------------------------- files to write to


def measures_nothing(monkeypatch):
    def fail(*arguments, **options):
        raise AssertionError("measured before the file was tried")

    monkeypatch.setattr("refrace.races.compare.compare", fail)
    monkeypatch.setattr("refrace.lessons.parallelism.parallelism", fail)
    monkeypatch.setattr("refrace.story.tell.tell_story", fail)


@pytest.mark.parametrize("command", ["compare", "parallelism"])
def test_a_chart_that_cannot_be_written_is_reported_before_anything_is_measured(
    command, capsys, monkeypatch, tmp_path
):
    pytest.importorskip("altair")
    measures_nothing(monkeypatch)
    (tmp_path / "d.html").mkdir()
    for name in (tmp_path / "d.html", "/proc/x.html", tmp_path / "no" / "x.html"):
        assert main([command, "--plot", str(name)]) == ExitCode.USAGE
        error = capsys.readouterr().err
        assert str(name) in error
        assert "name another" in error


def test_a_picture_that_cannot_be_written_is_reported_before_anything_is_measured(
    capsys, monkeypatch, tmp_path
):
    measures_nothing(monkeypatch)
    (tmp_path / "d.svg").mkdir()
    for name in (tmp_path / "d.svg", "/proc/x.svg", tmp_path / "no" / "x.svg"):
        assert main(["demo", "--picture", str(name)]) == ExitCode.USAGE
        error = capsys.readouterr().err
        assert str(name) in error
        assert "name another" in error


def test_a_picture_is_svg_and_nothing_else(capsys, monkeypatch, tmp_path):
    measures_nothing(monkeypatch)

    assert main(["demo", "--picture", str(tmp_path / "x.txt")]) == ExitCode.USAGE
    assert "use a file name that ends in .svg" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_tried_without_harm_and_a_new_one_is_not_left(tmp_path):
    from refrace.cli.files import try_to_write

    there = tmp_path / "there.svg"
    there.write_text("old")

    try_to_write(there, "--picture")
    try_to_write(tmp_path / "new.svg", "--picture")

    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
