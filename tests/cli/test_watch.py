"""``refrace explore --watch``: again at each change of the content, not more often."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from refrace.cli import command_line
from refrace.cli.exit_codes import ExitCode
from refrace.cli.watching import run_at_each_change

LOST = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"
FIXED = "hold T1.x = A\nT1: decref x\n"
WRONG = "T1: decreff x\n"


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """Explore a file whose content becomes each of the texts in turn."""
    path = tmp_path / "watched.race"

    def watch(*texts):
        def changes(_path):
            for text in texts[1:]:
                if text is None:
                    path.unlink()
                else:
                    path.write_text(text)
                yield

        path.write_text(texts[0])
        monkeypatch.setattr("refrace.cli.explore.changes_of", changes)
        return CliRunner().invoke(
            command_line,
            ["explore", str(path), "--mode", "unlocked", "--watch"],
            standalone_mode=False,
        )

    return watch


def test_each_change_is_explored(watched):
    ran = watched(LOST, FIXED, LOST)

    assert ran.output.count("unlocked: corrupt") == 2
    assert ran.output.count("unlocked: safe") == 1
    assert ran.output.count("has changed") == 2
    assert ran.return_value == ExitCode.FINDINGS


def test_the_same_content_is_not_explored_again(watched):
    assert watched(LOST, LOST, LOST).output.count("unlocked: corrupt") == 1


def test_a_file_that_is_being_replaced_is_awaited(watched):
    ran = watched(LOST, None, FIXED)

    assert ran.output.count("unlocked: ") == 2
    assert ran.return_value == ExitCode.CLEAN


def test_an_error_in_the_program_is_printed_and_can_be_cured(watched):
    ran = watched(WRONG, FIXED)

    assert "unknown step; did you mean `decref`?" in ran.output
    assert "^^^^^^^" in ran.output
    assert "unlocked: safe" in ran.output


def test_an_error_at_the_end_is_the_result(watched):
    assert watched(FIXED, WRONG).return_value == ExitCode.USAGE


def test_ctrl_c_while_waiting_ends_with_the_last_result(tmp_path):
    def changes():
        raise KeyboardInterrupt
        yield

    code = run_at_each_change(tmp_path, lambda: ExitCode.FINDINGS, changes())

    assert code == ExitCode.FINDINGS


def test_standard_input_cannot_be_watched():
    ran = CliRunner().invoke(
        command_line, ["explore", "-", "--watch"], input=LOST, standalone_mode=False
    )
    assert "--watch needs a file" in str(ran.exception)


def test_a_saved_file_is_explored_again_by_the_real_command(tmp_path):
    """No time is involved: the change is made after the first result was read."""
    pytest.importorskip("watchfiles", reason="NOT TESTED: watchfiles is not installed")
    path = tmp_path / "watched.race"
    path.write_text(LOST)
    process = subprocess.Popen(
        [sys.executable, "-m", "refrace", "explore", str(path), "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        lines = iter(process.stdout.readline, "")
        assert next(lines).startswith("atomic: safe")
        path.write_text(FIXED)
        assert any(line.startswith("atomic: safe: its only") for line in lines)
    finally:
        process.kill()
        process.communicate()
