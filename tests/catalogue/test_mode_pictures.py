"""The picture of a mode: its bit fields and the steps of its operations."""

from html import escape

import pytest
from display.pictures.svg_facts import description, texts

import refrace

every_mode = pytest.mark.parametrize(
    "mode", refrace.modes(), ids=lambda mode: mode.name
)


@every_mode
def test_a_mode_is_drawn_with_every_word_and_field(mode):
    svg = mode.svg()
    drawn = texts(svg)

    for word in mode.words:
        assert word.label in drawn
        for field in word.fields:
            assert field.name in drawn
            assert field.meaning in description(svg)


@every_mode
def test_the_operations_of_a_mode_are_drawn_with_the_steps_on_its_card(mode):
    drawn = texts(mode.svg())

    for name, n in mode.steps.items():
        heads = [words for words in drawn if words.startswith(f"One {name}")]
        assert len(heads) == (2 if mode.has_owner else 1)
        steps = "1 step" if n == 1 else f"{n} steps"
        said = f"{name.capitalize()} takes {steps} when no thread interferes."
        assert mode.has_owner or said in drawn


def test_a_mode_in_a_notebook_has_its_picture_as_details():
    html = refrace.mode("biased")._repr_html_()

    assert "<summary" in html
    assert "One incref by another thread" in html


def test_the_c_code_of_a_mode_is_folded_in_a_notebook_and_its_lines_are_whole():
    mode = refrace.mode("biased")
    _, folded = mode._repr_html_().split("Each memory order")

    assert folded.startswith(", and what weaken found if it is weaker</summary><pre")
    assert escape(mode.orders.listing()) in folded


@pytest.mark.parametrize("shown", [refrace.mode("biased"), refrace.modes()], ids=type)
def test_a_mode_is_text_in_a_terminal_of_ipython_and_no_raw_data(shown):
    pretty = pytest.importorskip("IPython.lib.pretty").pretty

    assert pretty(shown) == str(shown)


def test_a_mode_is_saved_as_a_picture(tmp_path):
    path = tmp_path / "mode.svg"
    refrace.mode("atomic").save(path)

    assert path.read_text(encoding="utf-8") == refrace.mode("atomic").svg()
