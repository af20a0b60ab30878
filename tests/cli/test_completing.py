"""Completion in a shell, as the shell asks for it."""

import pytest
from click.shell_completion import BashComplete

import refrace
from refrace.cli import command_line


def completed(*words):
    """What the last word can become, and its kind."""
    *given, begun = words
    shell = BashComplete(command_line, {}, "refrace", "_REFRACE_COMPLETE")
    return [(item.type, item.value) for item in shell.get_completions(given, begun)]


MODES = [mode.name for mode in refrace.modes()]


@pytest.mark.parametrize(
    "words",
    [
        ("explore", "--mode", ""),
        ("step", "--mode", ""),
        ("race", ""),
        ("prove", ""),
        ("compare", "atomic", ""),
        ("gallery", "--mode", ""),
    ],
)
def test_modes_are_completed(words):
    assert [value for _, value in completed(*words)] == MODES


def test_a_mode_that_was_begun_is_completed():
    assert completed("race", "unl") == [("plain", "unlocked")]


def test_files_are_left_to_the_shell():
    for command in ("explore", "step", "sample", "report"):
        assert completed(command, "") == [("file", "")]


def test_patterns_of_the_gallery_are_completed():
    assert completed("gallery", "plain") == [("plain", "plain-counter")]


def test_every_command_is_completed():
    assert ("plain", "step") in completed("st")
