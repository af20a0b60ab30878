"""Every way in which a program can be malformed: place, offending text, cure."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from refrace import InvalidProgram, Program, RefraceError

ERRORS = tomllib.loads(Path(__file__).with_name("errors.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    "expected", [pytest.param(error, id=error["wrong"]) for error in ERRORS["errors"]]
)
def test_an_error_names_the_place_the_offending_text_and_the_cure(expected):
    with pytest.raises(InvalidProgram) as caught:
        Program.parse(expected["program"])

    error = caught.value
    place = (expected["line"], expected["column"])
    assert (error.line, error.column) == place
    assert error.text == expected["text"]
    assert str(error) == "line {}, column {}: ".format(*place) + expected["message"]
    assert isinstance(error, RefraceError)
    assert isinstance(error, ValueError)


def test_no_error_is_listed_twice():
    names = [error["wrong"] for error in ERRORS["errors"]]

    assert len(set(names)) == len(names)
