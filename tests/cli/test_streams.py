"""Closed streams, unexpected errors, and Ctrl-C at the edges of a command."""

import signal
import subprocess
import sys

import pytest

from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode

# A command takes its defaults from its verb when it is imported, so import it before a
# test replaces the verb.
command_line.get_command(None, "race")

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"

CLOSED_OUTPUT = (
    "refrace: cannot write the output: standard output is closed; redirect it to a "
    "file or to /dev/null"
)


def in_a_shell(arguments, redirections):
    command = f'exec "$0" -m refrace {arguments} {redirections}'
    return subprocess.run(
        ["sh", "-c", command, sys.executable], capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "arguments", ["modes", "race unlocked --objects 10", "learn", "--help", "nonsense"]
)
def test_a_closed_output_is_one_line_and_has_its_own_code(arguments):
    done = in_a_shell(arguments, ">&-")

    assert done.stderr.splitlines() == [CLOSED_OUTPUT]
    assert done.returncode == ExitCode.OUTPUT


def test_with_no_stream_at_all_the_code_is_still_reported():
    assert in_a_shell("modes", "<&- >&- 2>&-").returncode == ExitCode.OUTPUT


@pytest.mark.parametrize("arguments", ["modes", "learn 1", "gallery reentrant-clear"])
def test_a_command_that_reads_nothing_needs_no_input(arguments):
    whole = in_a_shell(arguments, "< /dev/null")

    done = in_a_shell(arguments, "<&-")

    assert (done.stdout, done.stderr, done.returncode) == (
        whole.stdout,
        whole.stderr,
        whole.returncode,
    )


def test_an_input_that_is_closed_is_a_usage_error():
    done = in_a_shell("explore -", "<&-")

    assert "standard input is closed" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("modes", ExitCode.CLEAN),
        ("race nolock", ExitCode.USAGE),
        ("race atomic --objects nonsense", ExitCode.USAGE),
        ("nonsense", ExitCode.USAGE),
    ],
)
def test_a_closed_stream_for_complaints_leaves_the_code_as_it_is(arguments, code):
    assert in_a_shell(arguments, "2>&-").returncode == code


# ------------------------------------------------------------------ unexpected errors


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no text")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("x"), "unexpected KeyError: 'x' (test_streams.py:"),
        (RuntimeError("one\ntwo"), "unexpected RuntimeError: one two (test_streams"),
        (RecursionError("deep"), "unexpected RecursionError: deep ("),
        (Unspeakable(), "unexpected Unspeakable: (no text) ("),
        (ValueError("x" * 9000), f"unexpected ValueError: {'x' * 200} ("),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_unexpected_error_is_one_line_and_never_looks_like_a_finding(
    capsys, monkeypatch, error, text
):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("refrace.races.race.race", fail)

    assert main(["race", "atomic"]) == ExitCode.INTERNAL == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"refrace: {text}")
    assert "please report" in line


def test_the_traceback_of_an_unexpected_error_can_be_asked_for(capsys, monkeypatch):
    def fail(*arguments, **options):
        raise KeyError("x")

    monkeypatch.setattr("refrace.races.race.race", fail)
    monkeypatch.setenv("REFRACE_TRACEBACK", "1")

    assert main(["race", "atomic"]) == ExitCode.INTERNAL
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_user_s_expression_that_exits_is_a_usage_error(capsys):
    assert main(["explain-refcount", "exit(1)"]) == ExitCode.USAGE
    assert "raised SystemExit" in capsys.readouterr().err


# ------------------------------------------------------------------------- interrupts

STARTING = """
import signal, sys
class Finder:
    def find_spec(self, name, *rest):
        if name == {name!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
from refrace.__main__ import main
sys.argv[1:] = ["modes"]
sys.exit(main())
"""

ENDING = """
import atexit, signal, sys
from refrace.__main__ import main
atexit.register(signal.raise_signal, signal.SIGINT)
sys.argv[1:] = ["modes"]
sys.exit(main())
"""


def in_python(script):
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        # A shell may have set it to be ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.mark.parametrize("name", ["refrace.cli", "click", "refrace._native.objects"])
def test_ctrl_c_while_a_command_starts_is_one_line_and_code_3(name):
    done = in_python(STARTING.format(name=name))

    assert "Traceback" not in done.stderr
    assert done.stderr.split() == ["refrace:", "interrupted"]
    assert done.returncode == ExitCode.INCONCLUSIVE


def test_ctrl_c_while_the_interpreter_ends_changes_nothing():
    done = in_python(ENDING)

    assert (done.stderr, done.returncode) == ("", ExitCode.CLEAN)


def test_a_second_ctrl_c_while_the_first_is_reported_is_one_line_more(
    capsys, monkeypatch
):
    def press(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("refrace.races.race.race", press)
    monkeypatch.setattr("refrace.cli.command_line.main", press)

    assert main(["race", "atomic"]) == ExitCode.INCONCLUSIVE
    assert capsys.readouterr().err == "refrace: interrupted\n"
