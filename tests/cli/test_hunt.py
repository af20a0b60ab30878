"""``refrace hunt``: its report, its exit codes, and what it refuses."""

import json

import pytest

import refrace
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode

SUBJECTS = """
import refrace
from refrace._native.planted import Planted
from refrace.strategies import canaries

class Buggy:
    def setup(self):
        self.planted = Planted(True)

    @refrace.operation(value=canaries())
    def leak(self, value):
        return self.planted.leak(value)

def fine(value):
    return [value]
"""


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    (tmp_path / "my_subjects.py").write_text(SUBJECTS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REFRACE_HOME", raising=False)

    def run(*arguments):
        code = main(["hunt", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_findings_are_shown_and_stored_and_the_exit_code_is_1(run, tmp_path):
    code, out, err = run(
        "my_subjects.py:Buggy", "--threads", "1", "--seconds", "2", "--json"
    )

    assert code == ExitCode.FINDINGS
    report = refrace.HuntReport.from_json(out)
    assert report.findings[0].operations == ("leak",)
    assert "from my_subjects import Buggy" in report.findings[0].reproducer
    assert err == ""
    (stored,) = (tmp_path / ".refrace" / "findings").glob("*.json")
    assert json.loads(stored.read_text())["operations"] == ["leak"]
    assert (tmp_path / ".refrace" / ".gitignore").exists()


def test_nothing_found_ends_with_0_and_keeps_nothing_if_asked(run, tmp_path):
    code, out, _ = run(
        *("my_subjects.py:fine", "--threads", "1", "--seconds", "1", "--no-store")
    )

    assert code == ExitCode.CLEAN
    assert out.startswith("my_subjects.py:fine: nothing found in ")
    assert not (tmp_path / ".refrace").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["my_subjects.py"], "has no name after a colon"),
        (["my_subjects.py:Missing"], "has no 'Missing'"),
        (["no_such_module:Cache"], "No module named 'no_such_module'"),
        (["gone.py:Cache"], "the file 'gone.py' does not exist"),
        (["my_subjects.py:fine", "--threads", "two"], "not a list of numbers"),
        (["my_subjects.py:fine", "--threads", "99"], "threads=99 is out of range"),
        (["my_subjects.py:fine", "--store", "x", "--no-store"], "leave one of them"),
        (["my_subjects.py:fine", "--program", "x"], "is not a program of a hunt"),
        (["my_subjects.py:fine", "--seconds", "0"], "seconds=0.0 is out of range"),
    ],
)
def test_what_cannot_be_hunted_is_refused_in_one_line(run, arguments, message):
    code, out, err = run(*arguments)

    assert code == ExitCode.USAGE
    assert out == ""
    assert message in " ".join(err.split())
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--sanitize thread --preemptions 4", "--preemptions, --build or"),
        (
            "--schedules random --preemptions 3",
            "--schedules random ignores --preemptions 3: it preempts at each point",
        ),
        (
            "--schedules pct --no-reduction",
            "--no-reduction has no meaning with --schedules pct",
        ),
        ("--schedules random --no-reduction", "pass --schedules bounded, or leave"),
        ("--build .", "--build . is only for chosen schedules"),
        ("--preemptions 3", "add --schedules bounded, or leave --preemptions out"),
        ("--no-reduction", "--no-reduction is only for chosen schedules"),
    ],
)
def test_schedule_options_that_do_not_fit_are_refused_in_words_of_the_command_line(
    run, options, complaint
):
    code, _, printed = run("my_subjects:fine", *options.split())

    said = " ".join(printed.split())
    assert code == ExitCode.USAGE
    assert complaint in said
    assert "=" not in said
