"""Commands given wrongly get the cure that a person would give."""

import pytest
from click.testing import CliRunner

import refrace
from refrace._base import files as _files
from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode

PROGRAM = "hold T1.x = A\nT1: decref x\n"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.race").write_text(PROGRAM)
    return "one.race"


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["rac"], "no such command: 'rac' (did you mean 'race'?)"),
        (["xplore"], "no such command: 'xplore' (did you mean 'explore'?)"),
        (["qqq"], "no such command: 'qqq'; `refrace --help` lists all commands"),
        (["unlocked"], "it is a mode: use `refrace race unlocked` or"),
        (["one.race"], "it is a file: use `refrace explore one.race`"),
        (["explore", "unlocked"], "unlocked is a mode: use FILE --mode unlocked"),
        (["explore", "unlocked", "one.race"], "is a mode: use FILE --mode unlocked"),
        (["sample", "one.race", "biased"], "is a mode: use FILE --mode biased"),
        (["race", "one.race"], "write `refrace explore FILE --mode MODE` or `refrace"),
        (["prove", "./one"], "looks like a file name"),
        (["learn", "banana"], "'banana' is not a lesson; pass a number from 1 to 8"),
        (["learn", "9"], "'9' is not a lesson; pass a number from 1 to 8"),
        (["learn", "²"], "is not a lesson; pass a number from 1 to 8"),
        (
            ["explore", "one.race", "--history", "3"],
            "3 has no meaning with",
        ),
        (["sample", "one.race", "--history", "3"], "pass --memory c11, or leave"),
        (["step", "one.race", "--history", "3"], "pass --memory c11, or leave"),
        (["hunt", "one", "--sanitize", "thread", "--build", "."], "runs it on real"),
        (["race", "held"], "is a GIL setting, not a mode; write gil='held'"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(file, capsys, arguments, cure):
    assert main(arguments) == ExitCode.USAGE

    printed = capsys.readouterr()
    assert printed.out == ""
    assert cure in " ".join(printed.err.split())


def test_options_are_not_taken_for_typing_errors(file, capsys):
    assert main(["explore", file, "--mode", "unlocked"]) == ExitCode.CLEAN
    assert main(["explore", "--mode=unlocked", file, "biased"]) == ExitCode.USAGE
    assert "unexpected extra argument" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["explore", "sample", "replay"])
def test_an_input_without_end_is_refused_and_not_read_into_memory(
    command, capsys, monkeypatch
):
    monkeypatch.setattr(_files, "MOST_BYTES", 1000)

    assert main([command, "/dev/zero"]) == ExitCode.USAGE

    assert "'/dev/zero' has more than 1,000 bytes, the maximum" in (
        capsys.readouterr().err
    )


def test_standard_input_has_the_same_bound(monkeypatch):
    monkeypatch.setattr(_files, "MOST_BYTES", 10)

    result = CliRunner().invoke(command_line, ["explore", "-"], input=PROGRAM)

    assert isinstance(result.exception, refrace.InvalidArgument)
    assert "standard input has more than 10 bytes" in str(result.exception)


def test_a_file_of_exactly_the_bound_is_read(file, monkeypatch, capsys):
    monkeypatch.setattr(_files, "MOST_BYTES", len(PROGRAM))

    assert main(["explore", file]) == ExitCode.CLEAN


def test_want_of_memory_is_reported_in_words(file, monkeypatch, capsys):
    def fails(*arguments, **named):
        raise MemoryError

    monkeypatch.setattr("refrace.explorer.explore.explore", fails)

    assert main(["explore", file]) == ExitCode.INCONCLUSIVE
    assert capsys.readouterr().err.startswith(
        "refrace: out of memory before there was any result; close other programs"
    )


# ------------------------------------------------------------------------- learn


@pytest.fixture
def typed(monkeypatch):
    """Go through lessons as on a terminal, with these lines typed."""
    monkeypatch.setattr("refrace.cli.learn._is_terminal", lambda: True)

    def typed(text, *arguments):
        return CliRunner().invoke(
            command_line, ["learn", *arguments], input=text, standalone_mode=False
        )

    return typed


def test_banana_is_none_of_the_answers_and_is_asked_for_again(typed):
    out = typed("banana\n1\n", "1").output

    assert (
        "Error: 'banana' is not one of the answers; type 1 or 2, Enter to continue, or "
        "q to stop" in " ".join(out.split())
    )
    assert "Remember: " in out


def test_banana_does_not_lead_on_to_the_next_lesson(typed):
    out = typed("1\nbanana\nquit\n").output

    assert (
        "'banana' is not one of the answers; type Enter to continue, or q to stop"
        in (" ".join(out.split()))
    )
    assert "Lesson 2" not in out
