"""``refrace learn``: printed where nobody can answer, asked where somebody can."""

import json

import pytest
from click.testing import CliRunner

import refrace
from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode


def test_without_a_terminal_every_lesson_is_printed_with_its_answer(capsys):
    assert main(["learn"]) == ExitCode.CLEAN

    out = capsys.readouterr().out
    for number, plan in enumerate(refrace.gallery.lessons, 1):
        assert f"Lesson {number} of 8: {plan.title}" in out
    assert out.count("Which next step can lead to the bug?") == 8
    assert out.count("Remember: ") == 8
    assert max(map(len, out.splitlines())) <= 80


def test_one_lesson_is_printed_alone_and_the_question_comes_first(capsys):
    assert main(["learn", "3", "--all"]) == ExitCode.CLEAN

    out = capsys.readouterr().out
    assert out.startswith("Lesson 3 of 8: The borrowed reference")
    assert out.count("Lesson ") == 1
    assert out.index("Which next step") < out.index("If T2 does `decref old`")


def test_one_lesson_as_json_is_the_report_and_all_are_a_list(capsys):
    assert main(["learn", "3", "--json"]) == ExitCode.CLEAN
    stored = refrace.Lesson.from_json(capsys.readouterr().out)
    assert (stored.number, stored.bug) == (3, refrace.lesson(3).bug)

    main(["learn", "--json"])
    stored = json.loads(capsys.readouterr().out)
    assert stored["format"] == "refrace/lessons"
    assert [one["number"] for one in stored["lessons"]] == list(range(1, 9))


@pytest.fixture
def typed(monkeypatch):
    """Go through lessons as on a terminal, with these lines typed."""
    monkeypatch.setattr("refrace.cli.learn._is_terminal", lambda: True)

    def typed(text, *arguments):
        return CliRunner().invoke(
            command_line, ["learn", *arguments], input=text, standalone_mode=False
        )

    return typed


def test_the_right_step_is_praised_and_another_is_not(typed):
    steps = refrace.lesson(1).steps
    right = steps.index(refrace.lesson(1).right_answer) + 1
    other = 3 - right

    assert "\nRight.\n" in typed(f"{right}\n", "1").output
    assert "No: that one is harmless." in typed(f"{other}\n", "1").output


def test_enter_shows_the_answer_without_a_verdict(typed):
    out = typed("\n", "1").output

    assert "Remember: " in out
    assert "Right." not in out
    assert "harmless" not in out


def test_after_anything_but_a_step_the_question_is_asked_again(typed):
    ran = typed("7\n\n", "1")

    assert ran.exception is None
    assert "Remember: " in ran.output


def test_a_lesson_that_is_left_does_not_tell_its_answer(typed):
    ran = typed("q\n")

    assert ran.return_value == ExitCode.CLEAN
    assert "Lesson 1 of 8" in ran.output
    assert "Remember: " not in ran.output
    assert "Lesson 2 of 8" not in ran.output


def test_the_next_lesson_comes_on_enter_and_q_ends_between_lessons(typed):
    ran = typed("\n\n\nq\n")

    assert "Lesson 2 of 8" in ran.output
    assert ran.output.count("Remember: ") == 2
    assert "Lesson 3 of 8" not in ran.output


def test_all_asks_nothing_even_on_a_terminal(typed):
    assert typed("", "1", "--all").return_value == ExitCode.CLEAN


@pytest.mark.parametrize("number", ["0", "9", "one"])
def test_a_number_of_no_lesson_exits_with_2(capsys, number):
    assert main(["learn", number]) == ExitCode.USAGE

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err
