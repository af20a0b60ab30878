"""``refrace step``: keys, frames, and what it does without a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

import refrace
from refrace.cli import command_line
from refrace.cli.exit_codes import ExitCode
from refrace.cli.step import QUIT, _Keys
from refrace.cli.step_screen import CHOICE_KEYS, HELP

LOST = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"


@pytest.fixture
def lost(tmp_path):
    path = tmp_path / "lost.race"
    path.write_text(LOST)
    return str(path)


def stepped(keys, *arguments):
    return CliRunner().invoke(
        command_line, ["step", *arguments], input=keys, standalone_mode=False
    )


def frames(output):
    return re.split(r"\n\S+ -{20,}\n", output)


def test_each_key_prints_the_state_after_it(lost):
    ran = stepped("1 2\n2\n1 q", lost, "--mode", "unlocked")

    assert ran.return_value == ExitCode.CLEAN
    first, *after = frames(ran.output)
    assert "From here, 4 of 6 runs go wrong." in first
    assert first.count("2 of 3 runs go wrong") == 2
    assert "From here, all 2 runs go wrong." in after[1]
    assert "T2 >   decref x" in after[1]
    assert after[-1].startswith("! This run goes wrong: leak.")
    assert "A count       1" in after[-1]
    assert re.search(r"A true count  0 +\n", after[-1])


def test_keys_go_back_to_the_start_and_to_the_counterexample(lost):
    *_, back, start, end = frames(
        stepped("1 1 back start c", lost, "--mode", "unlocked").output
    )

    assert "step 1, 0 preemptions" in back.replace("was", "")
    assert "step 0" in start
    assert "! This run goes wrong: leak." in end


def test_a_goal_hides_the_numbers_and_judges_the_run(lost):
    ran = stepped("f 1 1 1 1 1", lost, "--mode", "unlocked")
    _, asked, *_, last = frames(ran.output)

    assert "Find a run that goes wrong." in asked
    assert "runs go wrong" not in asked
    assert "= This run ends intact. It was decided in step 2" in last


def test_the_token_replays_the_run_on_display(lost):
    ran = stepped("c t", lost, "--mode", "unlocked")
    token = re.search(r"Replay token: (rr1:\S+)", ran.output)[1]

    assert str(refrace.replay(token).finding.kind) == "leak"


def test_an_unknown_key_names_the_choices(lost):
    assert "'9' is no key here; use 1 or 2 or one of those below." in " ".join(
        stepped("9", lost).output.split()
    )


def test_a_program_that_cannot_fail_has_no_counterexample(lost):
    ran = stepped("c", lost, "--mode", "atomic")

    assert "No run goes wrong, so there is no counterexample." in ran.output


def test_no_keys_show_the_first_state(lost):
    ran = stepped("", lost)

    assert len(frames(ran.output)) == 1
    assert "\x1b" not in ran.output


def test_a_page_is_written_instead(lost, tmp_path):
    page = tmp_path / "step.html"

    assert stepped("", lost, "--html", str(page)).return_value == ExitCode.CLEAN
    assert "data-refrace-stepper" in page.read_text()


def test_the_program_cannot_come_from_where_the_keys_do():
    ran = stepped("1", "-")

    assert "reads its keys from standard input" in str(ran.exception)


def test_too_many_states_say_how_to_go_on(lost):
    ran = stepped("", lost, "--max-states", "3")

    assert isinstance(ran.exception, refrace.LimitReached)
    assert "raise max_states" in str(ran.exception)


@pytest.mark.parametrize(
    ("key", "at"),
    [
        ("\x1b[D", 1),
        ("\x1bOD", 1),
        ("\x7f", 1),
        ("u", 1),
        ("\x1b[H", 0),
        ("\x1b[1~", 0),
        ("s", 0),
        ("\x1b[C", 2),
        ("1", 3),
        ("\x1b[F", 4),
        ("c", 4),
        ("x", 2),
    ],
)
def test_a_key_of_a_terminal_moves(key, at):
    keys = _Keys(refrace.step(LOST, "unlocked"), str)
    keys.press("1")
    keys.press("2")

    assert keys.press(key)
    assert keys.walk.at == at


def test_every_key_of_the_help_does_something():
    for word in re.findall(r"(?<![\w/])([a-z])(?= )|/([a-z]) ", HELP):
        keys = _Keys(refrace.step(LOST, "unlocked"), str)
        goes_on = keys.press(next(filter(None, word)))
        assert goes_on == (word != (QUIT, ""))
        assert "is no key" not in keys.said
    assert len(set(CHOICE_KEYS)) == len(CHOICE_KEYS)


def read_until(fd, text, seconds=120):
    """What a terminal shows, up to a text that must come."""
    shown, until = "", time.monotonic() + seconds
    while text not in shown:
        assert time.monotonic() < until, shown
        if select.select([fd], [], [], 1)[0]:
            shown += os.read(fd, 65536).decode(errors="replace")
    return shown


def test_on_a_terminal_keys_are_read_one_by_one(lost):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "refrace", "step", lost, "--mode", "unlocked"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"},
        close_fds=True,
    )
    os.close(theirs)
    try:
        assert "\x1b[?1049h" in read_until(ours, "2 of 3 runs go wrong")
        os.write(ours, b"\x1b[F")  # End
        read_until(ours, "This run goes wrong: leak")
        os.write(ours, b"q")
        shown = read_until(ours, "refrace replay rr1:")
        assert "\x1b[?1049l" in shown
        assert process.wait(timeout=120) == ExitCode.CLEAN
    finally:
        process.kill()
        process.wait()
        os.close(ours)
