"""The Pygments lexer: it accepts every program and gives each word its role."""

import re
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator

import refrace
from refrace.programs.highlighting import RaceLexer
from refrace.programs.steps import OPERATIONS
from refrace.programs.vocabulary import RESERVED

LANGUAGE = Path(__file__).parents[2] / "docs" / "language.md"


def highlighted(text):
    return [(kind, word) for kind, word in RaceLexer(stripnl=False).get_tokens(text)]


def kinds_of(text, word):
    return [kind for kind, found in highlighted(text) if found == word]


@pytest.mark.parametrize("name", ["refrace", "race"])
def test_pygments_finds_the_lexer_by_its_names(name):
    assert type(get_lexer_by_name(name)) is RaceLexer


def test_pygments_finds_the_lexer_by_the_suffix_of_a_file():
    assert type(get_lexer_for_filename("lost.race")) is RaceLexer


def gallery_texts():
    for pattern in refrace.gallery.values():
        for variant in pattern.variants:
            yield str(variant.buggy)
            yield str(variant.fixed)


def test_every_program_of_the_gallery_has_no_unknown_character():
    for text in gallery_texts():
        tokens = highlighted(text)
        assert "".join(word for _, word in tokens).strip("\n") == text.strip("\n")
        assert not [word for kind, word in tokens if kind in Error]


def test_every_program_of_the_language_page_has_no_unknown_character():
    programs = re.findall(r"```race\n(.*?)```", LANGUAGE.read_text(), re.S)
    assert programs
    for text in programs:
        assert not [word for kind, word in highlighted(text) if kind in Error]


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=lambda row: row.name)
def test_an_operation_is_highlighted_where_the_table_writes_it(row):
    if row.is_word:
        word = row.name.removesuffix("_not").removesuffix("_equal")
        assert kinds_of(f"T1: {row.form}", word)[0] in (Name.Builtin, Keyword)


def test_no_reserved_word_looks_like_a_name():
    for word in RESERVED:
        for text in (f"{word} a", f"T1: a = {word}", f"T1: {word} a"):
            if Name.Variable not in kinds_of(text, word):
                break
        else:
            pytest.fail(f"{word} is highlighted as a name everywhere")


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("lock L\nT1: use x", "lock", Keyword.Declaration),
        ("T1: lock L", "lock", Name.Builtin),
        ("T1: use x\n  lock L", "lock", Name.Builtin),
        ("T1: use x\nslot S = A\nlock L", "lock", Keyword.Declaration),
        ("obj A rc 2", "rc", Keyword.Declaration),
        ("T1: n = rc x", "rc", Name.Builtin),
        ("T1: stable = 1", "stable", Name.Variable),
        ("obj A stable", "stable", Keyword.Declaration),
        ("fn f: decref self", "f", Name.Function),
        ("fn f: decref self", "self", Name.Builtin.Pseudo),
        ("T1: lock x.m", "m", Name.Attribute),
        ("T1: if a != 1 and not b {", "!=", Operator),
        ("T1: if a != 1 and not b {", "and", Operator.Word),
        ("T1: if a != 1 and not b {", "1", Number.Integer),
        ("end: d = N", "end", Keyword),
        ("T1: use x  # a note", "# a note", Comment.Single),
    ],
)
def test_a_word_has_the_role_that_it_has_in_the_language(text, word, kind):
    assert kinds_of(text, word) == [kind]


def test_what_the_language_does_not_know_is_an_error():
    assert kinds_of("T1: x ? y", "?") == [Error]


def test_the_parameters_of_a_sub_program_are_names():
    text = "fn insert  c track :\n  use c"

    assert kinds_of(text, "insert") == [Name.Function]
    assert kinds_of(text, "c") == [Name.Variable] * 2
    assert kinds_of(text, "track") == [Name.Variable]
    assert "".join(word for _, word in highlighted(text)) == text + "\n"
