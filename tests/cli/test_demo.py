"""The demo tells every chapter, measures every claim, and calls no luck a failure."""

from contextlib import contextmanager

import pytest

import refrace
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode
from refrace.story.chapters import measures
from refrace.story.story_report import Chapter, Measured, Story
from refrace.story.tell import tell_story

STORY = Story(
    (
        Chapter("One", ("Words.",), (Measured("sky", "blue", is_shown=True),)),
        Chapter("Two", ("More.",), (Measured("sea", "grey", is_shown=False),)),
    ),
    chapters_planned=2,
    elapsed_s=3.0,
    environment=refrace.Environment("3.11.0", True, 2, "Linux x86_64"),
)


@pytest.fixture(scope="module")
def story():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "PATIENCE_S", 0.0)
        patch.setattr(measures, "ROUNDS", 2)
        return tell_story()


def test_every_chapter_has_at_least_one_measured_claim(story):
    assert len(story.chapters) == story.chapters_planned == 10
    assert all(chapter.measured and chapter.words for chapter in story.chapters)
    assert len({one.claim for one in story.measured}) == len(story.measured)


def test_what_does_not_depend_on_luck_is_always_shown(story):
    shown = {one.claim for one in story.measured if one.is_shown}

    assert {
        "locks taken in opposite order deadlock",
        "locks taken in the same order do not",
        "one global lock cannot deadlock",
        "a lock around the three steps loses none",
        "an object that others drop last waits for its owner",
        "a reference that is dropped twice shows on a canary",
        "a reference that is never dropped shows on a canary",
    } <= shown
    if refrace.Environment.current().gil_enabled:
        assert "unlocked counts are safe under the GIL" in shown
    else:
        assert "CPython's own counts are exact without a GIL" in shown


def test_the_story_goes_through_json_and_fits_80_columns(story):
    assert Story.from_json(story.to_json()) == story
    assert max(map(len, str(story).splitlines())) <= 80
    assert story.findings == ()


def test_a_claim_that_was_not_shown_is_marked_and_counted():
    text = str(STORY)

    assert text.splitlines()[0] == "1 of 2 claims shown on this machine in 3 s."
    assert "- sky: blue" in text
    assert "- sea: not shown here: grey" in text
    assert not STORY.is_conclusive


def tell_quickly(monkeypatch):
    def tell(on_chapter=None, progress=None):
        for number, chapter in enumerate(STORY.chapters, 1):
            if progress is not None:
                progress(number - 1, len(STORY.chapters))
            if on_chapter is not None:
                on_chapter(number, chapter)
        return STORY

    monkeypatch.setattr("refrace.story.tell.tell_story", tell)


def test_a_bar_is_there_while_a_chapter_is_measured_and_gone_when_it_is_printed(
    capsys, monkeypatch
):
    @contextmanager
    def bar(title, pace, *, at_once):
        print("bar", title)
        yield lambda done, total: print("at", done, "of", total, pace.unit)
        print("no bar")

    tell_quickly(monkeypatch)
    monkeypatch.setattr("refrace.cli.demo.progress_bar", bar)
    main(["demo"])

    lines = capsys.readouterr().out.splitlines()
    marks = [
        line for line in lines if "bar" in line or " of 2 ch" in line or ". " in line
    ]
    begun = ["bar measuring", "at 0 of 2 chapters", "no bar", "1. One."]
    assert marks[:4] == begun
    assert marks.index("2. Two.") == marks.index("no bar", 4) + 1


def test_the_command_ends_with_one_table_and_exits_with_0(capsys, monkeypatch):
    tell_quickly(monkeypatch)

    assert main(["demo"]) == ExitCode.CLEAN

    out = capsys.readouterr().out
    assert out.index("1. One.") < out.index("2. Two.") < out.index("measured here")
    assert max(map(len, out.splitlines())) <= 80


def test_the_command_as_json_prints_nothing_but_the_story(capsys, monkeypatch):
    tell_quickly(monkeypatch)

    assert main(["demo", "--json"]) == ExitCode.CLEAN
    assert Story.from_json(capsys.readouterr().out) == STORY


def test_the_picture_is_an_svg_of_the_table(capsys, monkeypatch, tmp_path):
    tell_quickly(monkeypatch)

    main(["demo", "--picture", str(tmp_path / "table.svg")])

    drawn = (tmp_path / "table.svg").read_text()
    assert "measured" in drawn
    assert "url(" not in drawn.replace("url(#", "")
    assert main(["demo", "--picture", str(tmp_path / "no" / "such")]) == ExitCode.USAGE


def test_an_interrupt_shows_the_chapters_so_far(capsys, monkeypatch):
    partial = STORY.replace(chapters=STORY.chapters[:1])

    def interrupted(on_chapter=None, progress=None):
        raise refrace.Interrupted(partial)

    monkeypatch.setattr("refrace.story.tell.tell_story", interrupted)

    assert main(["demo"]) == ExitCode.INCONCLUSIVE
    assert "stopped early" in capsys.readouterr().out
