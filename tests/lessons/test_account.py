"""The accounting of an explanation, and what its report says, from given parts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.environment import Environment
from refrace.lessons.explanation_report import (
    CountSplit,
    Part,
    RefcountExplanation,
    account,
)

HERE = Environment("3.13.0", True, 2, "Linux x86_64")
TWO_GLOBALS = (
    Part("argument", "the argument of the call of sys.getrefcount", 1, 1),
    Part("global", "global a of __main__", 1, 1),
    Part("global", "global b of __main__", 1, 1),
)


def explanation(shown=3, parts=TWO_GLOBALS, unattributed=0, **changes):
    whole = RefcountExplanation(
        type_name="list",
        shown=shown,
        parts=parts,
        unattributed=unattributed,
        is_immortal=False,
        is_tracked=True,
        moved=0,
        threads_unseen=0,
        split=None,
        environment=HERE,
    )
    return whole.replace(**changes)


parts_seen = st.lists(
    st.builds(
        Part,
        kind=st.sampled_from(["argument", "global", "variable", "item", "other"]),
        place=st.text(),
        seen=st.integers(0, 10**6),
        count=st.just(0),
    )
)


@settings(deadline=None)
@given(st.integers(0, 10**7), parts_seen)
def test_counts_and_the_rest_add_up_to_what_is_shown(shown, seen):
    counted, rest = account(shown, seen)

    assert sum(part.count for part in counted) + rest == shown
    assert rest >= 0
    assert [(p.kind, p.place, p.seen) for p in counted] == [
        (p.kind, p.place, p.seen) for p in seen
    ]


@settings(deadline=None)
@given(st.integers(0, 10**7), parts_seen)
def test_no_part_gets_less_than_was_seen_while_something_is_left(shown, seen):
    counted, rest = account(shown, seen)

    assert all(0 <= part.count <= part.seen for part in counted)
    if rest:
        assert all(part.count == part.seen for part in counted)
    assert sum(part.seen for part in counted) >= shown - rest


def test_the_first_parts_are_served_first():
    counted, rest = account(
        3, [Part("argument", "", 1, 0), Part("item", "", 4, 0), Part("item", "", 1, 0)]
    )

    assert [part.count for part in counted] == [1, 2, 0]
    assert rest == 0


def test_a_count_that_is_explained_says_by_what():
    assert str(explanation()) == (
        "sys.getrefcount shows 3 for this list: 2 globals and the argument of the "
        "call.\n"
        "\n"
        "  count  where\n"
        "  -----  -------------------------------------------\n"
        "      1  the argument of the call of sys.getrefcount\n"
        "      1  global a of __main__\n"
        "      1  global b of __main__\n"
        "\n"
        "CPython 3.13.0 (GIL), 2 cores, Linux x86_64."
    )
    assert explanation().is_conclusive


def test_what_is_not_found_is_called_not_attributable():
    part = explanation(shown=5, unattributed=2)

    assert part.answer == (
        "sys.getrefcount shows 5 for this list: 2 globals, the argument of the call "
        "and 2 not attributable."
    )
    assert "held where Python cannot look" in str(part)
    assert not part.is_conclusive


def test_an_immortal_count_is_called_a_constant():
    mark = 2**32 - 1
    part = Part("constant", "marker of an immortal object", mark, mark)
    immortal = explanation(shown=mark, parts=(part,), is_immortal=True)

    assert immortal.answer == (
        "sys.getrefcount shows 4,294,967,295 for this list, a constant: it is "
        "immortal and its references not counted."
    )
    assert immortal.is_conclusive


def test_references_seen_but_not_counted_stand_apart():
    borrowed = Part("variable", "local x of f()", 1, 0)
    whole = explanation(parts=(*TWO_GLOBALS, borrowed))

    assert whole.uncounted == 1
    assert whole.answer == explanation().answer
    counted, apart = str(whole).split("not counted")
    assert "local x of f()" not in counted
    assert "local x of f()" in apart


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"moved": -2}, "changed by -2 during the search"),
        ({"threads_unseen": 1}, "variables of 1 other thread were not inspected"),
        ({"threads_unseen": 3}, "variables of 3 other threads were not inspected"),
        (
            {"split": CountSplit(2, 1, "this thread")},
            "2 local (owner: this thread) and 1 shared",
        ),
        (
            {"shown": 4, "unattributed": 1, "is_tracked": False},
            "does not track this list",
        ),
    ],
)
def test_what_limits_the_explanation_is_said(changes, words):
    whole = explanation(**changes)

    assert words in " ".join(str(whole).split())
    assert words in whole._repr_html_()


def test_a_count_that_moved_is_not_conclusive():
    assert not explanation(moved=1).is_conclusive


explanations = st.builds(
    RefcountExplanation,
    type_name=st.from_regex("[A-Za-z_]{1,60}", fullmatch=True),
    shown=st.integers(0, 2**40),
    parts=st.lists(
        st.builds(
            Part,
            kind=st.sampled_from(["argument", "global", "variable", "start", "code"]),
            place=st.from_regex("[a-z_., ]{1,200}", fullmatch=True),
            seen=st.integers(0, 2**40),
            count=st.integers(0, 2**40),
        )
    ).map(tuple),
    unattributed=st.integers(0, 2**40),
    is_immortal=st.booleans(),
    is_tracked=st.booleans(),
    moved=st.integers(-9, 9),
    threads_unseen=st.integers(0, 99),
    split=st.none()
    | st.builds(
        CountSplit,
        st.integers(0, 2**31),
        st.integers(-9, 2**60),
        st.sampled_from(["this thread", "another thread", "no thread"]),
    ),
    environment=st.just(HERE),
)


@settings(deadline=None)
@given(explanations)
def test_every_explanation_survives_json_fits_80_columns_and_begins_with_its_answer(
    whole,
):
    text = str(whole)

    assert RefcountExplanation.from_json(whole.to_json()) == whole
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(text.split()).startswith(whole.answer)
    assert whole.findings == ()  # an unexplained count is no corruption


def test_data_of_another_kind_is_refused():
    with pytest.raises(refrace.InvalidData, match="format"):
        RefcountExplanation.from_dict({"format": "refrace/race"})
