"""Programs as JSON: the form, and what is refused with the path to it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refrace import InvalidArgumentType, InvalidData, Program, gallery
from refrace.programs.syntax import MAX_NESTING

TEXT = """\
slot S = A
T1:
  x = S
  if x != null {
    use x
  }
T2:
  old = swap S null
  decref old
fn f:
  gil
end:
  x = S
  assert x == null"""


def data(**changes):
    return {**Program.parse(TEXT).to_dict(), **changes}


def body(*statements):
    return data(threads=[{"name": "T1", "body": list(statements)}])


def test_the_json_form_is_readable_and_versioned():
    assert data() == {
        "format": "refrace/program",
        "version": 1,
        "declarations": ["slot S = A"],
        "threads": [
            {
                "name": "T1",
                "body": ["x = S", {"if": "x != null", "then": ["use x"], "else": []}],
            },
            {"name": "T2", "body": ["old = swap S null", "decref old"]},
        ],
        "functions": [{"name": "f", "body": ["gil"]}],
        "end": ["x = S", "assert x == null"],
    }


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (None, "is a JSON object, not NoneType"),
        ([], "is a JSON object, not list"),
        ({}, "format=None: this is not a program"),
        (data(format="refrace/race"), "format='refrace/race'"),
        (data(version=2), "version=2: this refrace reads version 1"),
        (data(version=True), "version=True"),
        ({"format": "refrace/program", "version": 1}, "'declarations' is missing"),
        (data(more=1), "the key 'more' is unknown"),
        (data(declarations="slot S = A"), "declarations: needs a list, not str"),
        (data(declarations=[1]), r"declarations\[0\]: needs text"),
        (data(declarations=["slot"]), r"declarations\[0\]: line 1, column 1: `slot`"),
        (data(declarations=["lock L M"]), "is not one declaration"),
        (data(declarations=[""]), "is not one declaration"),
        (data(threads={}), "threads: needs a list, not dict"),
        (data(threads=["T1"]), r"threads\[0\]: needs an object"),
        (data(threads=[{"name": "T1"}]), r"threads\[0\]: the key 'body' is missing"),
        (data(threads=[{"name": "if", "body": []}]), r"threads\[0\].name: 'if'"),
        (
            data(threads=[{"name": 1, "body": []}]),
            r"threads\[0\].name: 1 is not a name",
        ),
        (
            data(functions=[{"name": "f", "body": [], "parameters": "ab"}]),
            r"functions\[0\].parameters: needs a list",
        ),
        (
            data(functions=[{"name": "f", "body": [], "parameters": ["a", 1]}]),
            r"functions\[0\].parameters: \['a', 1\] is not a list of names",
        ),
        (
            data(threads=[{"name": "T1", "body": [], "parameters": []}]),
            r"threads\[0\]: the key 'parameters' is unknown",
        ),
        (data(end=None), "end: needs a list"),
        (body("x = S", "usee x"), r"threads\[0\].body\[1\]: .*did you mean `use`"),
        (body("x = S ; use x"), "is not one statement"),
        (body("if 1 == 1 {\n}"), "is not one statement"),
        (body(""), "is not one statement"),
        (body(3), r"body\[0\]: 3 is neither text nor a block"),
        (body(None), "is neither text nor a block"),
        (body({}), "the key 'repeat' is missing"),
        (body({"if": "1 == 1", "then": []}), "the key 'else' is missing"),
        (body({"while": "1 = 1", "body": []}), r"body\[0\].while: `=`: `=` does not"),
        (body({"while": 1, "body": []}), r"body\[0\].while: needs text"),
        (body({"while": "n == 1", "body": [3]}), r"body\[0\].body\[0\]: 3 is neither"),
        (body({"repeat": -1, "body": []}), "-1 is not a number from 0"),
        (body({"repeat": True, "body": []}), "True is not a number"),
        (body({"repeat": 1, "body": "gil"}), r"body\[0\].body: needs a list"),
        (body({"repeat": 1, "body": [], "x": 1}), "the key 'x' is unknown"),
        (body({"region": [], "body": []}), r"body\[0\].region: \[\] is not `?masked"),
        (body({"region": "maskd", "body": []}), "'maskd' is not `?masked"),
        (body("use y"), "the program is not valid: in thread T1: `y`"),
        (data(threads=[]), "the program is not valid: a race program has at least"),
    ],
)
def test_stored_data_that_is_not_a_program_is_refused_with_its_path(stored, message):
    with pytest.raises(InvalidData, match=message):
        Program.from_dict(stored)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 10_000, "not JSON"),
        ('{"format": "a", "format": "b"}', "'format' occurs twice"),
    ],
)
def test_text_that_is_not_json_of_a_program_is_refused(text, message):
    with pytest.raises(InvalidData, match=message):
        Program.from_json(text)


def test_json_is_read_from_text_only():
    with pytest.raises(InvalidArgumentType):
        Program.from_json(data())


def test_json_may_nest_no_deeper_than_text():
    def stored(depth):
        block = "gil"
        for _ in range(depth):
            block = {"repeat": 1, "body": [block]}
        return body(block)

    assert Program.from_dict(stored(MAX_NESTING)).facts.n_statements > MAX_NESTING
    for depth in (MAX_NESTING + 1, 400):
        with pytest.raises(InvalidData, match="deep"):
            Program.from_dict(stored(depth))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["if", "then", "else", "body", "x"]), inner)
    ),
    max_leaves=6,
)


@settings(deadline=5_000)
@given(
    variant=st.sampled_from([v for p in gallery.values() for v in p.variants]),
    seed=st.randoms(use_true_random=False),
    value=json_values,
)
def test_damaged_json_is_read_or_refused(variant, seed, value):
    stored = json.loads(variant.buggy.to_json())
    spots = list(_spots(stored))
    holder, key = seed.choice(spots)
    holder[key] = value

    error = None
    try:
        program = Program.from_dict(stored)
    except InvalidData as caught:
        error = caught

    if error is None:
        assert Program.from_dict(program.to_dict()) == program
    else:
        assert str(error)


def _spots(data):
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield data, key
        if isinstance(value, (dict, list)):
            yield from _spots(value)
