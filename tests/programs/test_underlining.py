"""The line of an error, with carets below the offending text."""

import pytest

import refrace
from refrace.programs.underlining import MOST_SHOWN, underlined


def marked(source):
    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.Program.parse(source)
    return underlined(source, caught.value)


def pointed_at(source):
    """The text above the carets."""
    line, carets = marked(source)
    at = carets.index("^")
    return line[at : at + carets.count("^")]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("T1: decref x ; usee x", "usee"),
        ("hold T1.x = A\nT1: decref x\n    use y", "y"),
        ("T1: decref(x)", "("),
        ("\n\nT1: if x {\n use x", "if x"),
        ("T1:\tdecreff x", "decreff"),
    ],
)
def test_the_carets_are_below_the_offending_text(source, text):
    assert pointed_at(source) == text


def test_the_number_of_the_line_comes_before_it():
    assert marked("T1: use x\nT2: usee x")[0] == "  2 | T2: usee x"


def test_a_long_line_is_cut_around_the_error():
    source = "T1: " + "fence ; " * 100 + "usee x"
    line, _ = marked(source)

    assert len(line) <= MOST_SHOWN + len("  1 | ")
    assert pointed_at(source) == "usee"


def test_an_error_without_a_place_has_no_line():
    assert underlined("T1: use x", refrace.InvalidProgram("no place")) == []


def test_control_characters_do_not_reach_the_terminal():
    assert "\x1b" not in "".join(marked("T1: \x1b[2J x"))


def test_the_error_itself_has_the_line_as_a_note(tmp_path):
    """So a traceback of Python shows it."""
    source = "T1: decref x ; usee x"
    path = tmp_path / "wrong.race"
    path.write_text(source)
    for text in (source, path):
        with pytest.raises(refrace.InvalidProgram) as caught:
            refrace.Program.parse(text)
        assert caught.value.__notes__ == ["\n".join(marked(source))]
