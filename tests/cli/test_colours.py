"""Colours of the terminal: the same characters, and none where they are not wanted."""

import os
import pty
import subprocess
import sys

import pytest
from display.pictures.results import BORROWED, CROSSED, LOST

import refrace
from refrace.cli.colours import coloured_text

RESULTS = {
    "corrupt": lambda: refrace.explore(LOST, "unlocked"),
    "safe": lambda: refrace.explore(LOST, "atomic"),
    "deadlock": lambda: refrace.explore(CROSSED, "atomic"),
    "trace": lambda: refrace.explore(BORROWED, "atomic").counterexample(),
    "proof": lambda: refrace.prove("unlocked"),
    "sample": lambda: refrace.sample(LOST, "unlocked", runs=50, seed=1),
    "check": lambda: refrace.check(LOST),
    "race": lambda: refrace.race("atomic", objects=10, gaps="natural"),
    "lesson": lambda: refrace.lesson(1),
    "pattern": lambda: refrace.explain_pattern("plain-counter"),
}


def styles_of(text, word):
    """The styles of the first place where a word stands."""
    at = text.plain.index(word)
    return {str(span.style) for span in text.spans if span.start <= at < span.end}


@pytest.mark.parametrize("name", RESULTS)
def test_colours_change_no_character(name):
    result = RESULTS[name]()
    text = coloured_text(result)

    assert text.plain == str(result)
    assert text.spans or name == "race"


def test_the_answer_has_the_colour_of_the_judgement():
    for name, style in (("corrupt", "bold red"), ("safe", "bold green")):
        result = RESULTS[name]()
        assert styles_of(coloured_text(result), result.answer[:10]) == {style}
    unfinished = refrace.explore(LOST, "unlocked", max_states=3)
    assert styles_of(coloured_text(unfinished), "unlocked") == {"bold yellow"}


def test_each_thread_has_the_colour_of_its_place():
    text = coloured_text(refrace.explore(LOST, "unlocked").counterexample())

    assert styles_of(text, "decref x: load") == {"cyan"}
    second = text.plain.rindex("decref x: load")
    assert {str(s.style) for s in text.spans if s.start <= second < s.end} == {
        "magenta"
    }
    assert styles_of(text, "-- preempted --") == {"bold yellow"}


def test_findings_are_red_and_intact_is_green():
    text = coloured_text(refrace.explore(LOST, "unlocked"))
    body = text[text.plain.index("outcome") :]

    assert styles_of(body, "intact") == {"bold green"}
    assert styles_of(body, "leak") == {"bold red"}


def run(environment, tmp_path, *, on_a_terminal):
    (tmp_path / "lost.race").write_text(LOST)
    command = [sys.executable, "-m", "refrace", "explore", "lost.race"]
    clean = {
        k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")
    }
    options = {"cwd": tmp_path, "env": {**clean, "TERM": "xterm", **environment}}
    if not on_a_terminal:
        return subprocess.run(command, **options, capture_output=True).stdout
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, **options, stdout=theirs, stderr=-3)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # the end, on Linux
        pass
    process.wait()
    os.close(ours)
    return shown


@pytest.mark.parametrize(
    ("environment", "on_a_terminal", "is_coloured"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    tmp_path, environment, on_a_terminal, is_coloured
):
    shown = run(environment, tmp_path, on_a_terminal=on_a_terminal)

    assert (b"\x1b[" in shown) == is_coloured
    assert b"atomic: safe" in shown
