"""The teaching path: each question has one answer, and the answer is correct."""

from __future__ import annotations

import dataclasses

import pytest
from reference import explore

import refrace
from refrace.gallery import Gallery
from refrace.gallery.lesson import lesson_of
from refrace.gallery.reading import read_lessons

NUMBERS = range(1, len(refrace.gallery.lessons) + 1)
PLAN = refrace.gallery.lessons[0]


@pytest.fixture(scope="module", params=NUMBERS)
def lesson(request):
    return refrace.lesson(request.param)


def test_there_are_eight_from_the_lost_decrement_to_the_biased_merge():
    slugs = [plan.pattern for plan in refrace.gallery.lessons]

    assert len(set(slugs)) == len(slugs) == 8
    assert (slugs[0], slugs[-1]) == ("plain-counter", "merge-published-first")


def test_exactly_one_of_several_steps_leads_on_to_the_bug(lesson):
    wrong = [step for step in lesson.steps if step.wrong]

    assert len(lesson.steps) > 1
    assert wrong == [lesson.right_answer]
    assert all(step.wrong <= step.runs for step in lesson.steps)


def test_the_right_answer_is_the_next_step_of_the_smallest_run(lesson):
    shown = len(lesson.beginning.steps)

    assert lesson.bug.schedule[:shown] == lesson.beginning.schedule
    assert lesson.bug.schedule[shown] == lesson.right_answer.runner
    assert lesson.beginning.findings == ()
    assert lesson.bug.finding is not None


def test_the_fix_is_proved(lesson):
    assert lesson.proof.is_proof
    assert explore(str(lesson.proof.program), "atomic", lesson.gil).findings == {}


def test_the_question_does_not_give_the_answer_away(lesson):
    from refrace.display.text import render_text

    asked = render_text(lesson.question())
    answered = render_text(lesson.solution())

    assert asked.endswith(f"{len(lesson.steps)}. {lesson.steps[-1]}")
    assert lesson.after.split("\n")[1] not in asked
    assert " of 1 run shows a bug" in answered or " runs show a bug" in answered
    assert lesson.bug.finding.message.split()[0] in answered


def test_the_text_fits_80_columns_and_goes_through_json(lesson):
    assert max(map(len, str(lesson).splitlines())) <= 80
    assert refrace.Lesson.from_json(lesson.to_json()) == lesson
    assert "<pre style=" in lesson._repr_html_()


def test_the_runs_of_the_first_lesson_are_those_that_one_counts_on_paper():
    """T1 has read.  Either it writes, or T2 reads too and either may write first."""
    counted = {str(s): (s.wrong, s.runs) for s in refrace.lesson(1).steps}

    assert counted == {"T1: setrc x n": (0, 1), "T2: n = rc x": (2, 2)}


@pytest.mark.parametrize("number", [0, 9, -1, 2**70])
def test_a_number_of_no_lesson_is_refused(number):
    with pytest.raises(refrace.InvalidArgument, match="from 1 to 8"):
        refrace.lesson(number)


@pytest.mark.parametrize("shown", [0, 3])
def test_a_question_without_exactly_one_answer_is_refused(shown):
    """At the start both steps can lead to the bug; at the end only one is possible."""
    with pytest.raises(refrace.InvalidData, match="change its `shown`"):
        lesson_of(dataclasses.replace(PLAN, shown=shown), 1, 8)


RIGHT = """
[[lessons]]
title = "T"
pattern = "plain-counter"
variant = "P25b"
gil = "released"
shown = 1
before = "B"
after = "A"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RIGHT.replace("plain-counter", "plain"), "'plain' at lessons.0. is unknown"),
        (RIGHT.replace("P25b", "P01a"), "write one of P25a, P25b"),
        (RIGHT.replace("shown = 1", "shown = -1"), "shown at lessons.0. is -1"),
        (RIGHT.replace("shown = 1", "shown = true"), "is not of type int"),
        (RIGHT.replace('"released"', '"half"'), "half"),
        (RIGHT.replace('"B"', '" "'), "before at lessons.0. is empty"),
        (RIGHT.replace('title = "T"', ""), "missing"),
        (RIGHT + "more = 1", "more"),
        (RIGHT.replace("lessons", "lesson"), "and nothing else"),
        ("", "at least one"),
        ("=", "not TOML"),
    ],
)
def test_a_wrong_file_of_lessons_is_refused_by_its_place(text, said, tmp_path):
    file = tmp_path / "lessons.toml"
    file.write_text(text)

    with pytest.raises(refrace.InvalidData, match=said) as caught:
        read_lessons(file, Gallery())
    assert str(caught.value).startswith("lessons.toml: ")


def test_a_right_file_of_lessons_is_read(tmp_path):
    file = tmp_path / "lessons.toml"
    file.write_text(RIGHT)

    (plan,) = read_lessons(file, Gallery())
    assert (plan.title, plan.shown, plan.gil) == ("T", 1, "released")
