"""Programs built in Python and from JSON: what is taken, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refrace import InvalidArgumentType, InvalidData, InvalidProgram, Program, gallery
from refrace.programs.syntax import (
    MAX_NESTING,
    NULL,
    Arithmetic,
    Assert,
    Cell,
    CellDeclaration,
    Condition,
    Constant,
    Container,
    ContainerDeclaration,
    Field,
    FieldDeclaration,
    HoldDeclaration,
    If,
    Local,
    LockDeclaration,
    ObjectDeclaration,
    Predicate,
    Repeat,
    Step,
    Thread,
    While,
)

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


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            Program(
                "slot S = A",
                {
                    "T1": "x = S\nif x != null {\n use x\n}",
                    "T2": "old = swap S null ; decref old",
                },
                {"f": "gil"},
                "x = S ; assert x == null",
            ),
            id="text",
        ),
        pytest.param(
            Program(
                ["slot S = A"],
                {
                    "T1": ["x = S", "if x != null {", "use x", "}"],
                    "T2": ("old = swap S null", Step("decref", (Local("old"),))),
                },
                {"f": [Step("gil")]},
                ["x = S", "assert x == null"],
            ),
            id="lines-and-nodes",
        ),
        pytest.param(
            Program(
                (CellDeclaration("slot", "S", "A"),),
                [
                    Thread(
                        "T1",
                        (
                            Step("load", (Cell("S"),), "x"),
                            If(
                                Condition((Predicate(Local("x"), "!=", NULL),)),
                                (Step("use", (Local("x"),)),),
                            ),
                        ),
                    ),
                    Thread("T2", ("old = swap S null", "decref old")),
                ],
                {"f": "gil"},
                (
                    Step("load", (Cell("S"),), "x"),
                    Assert(Condition((Predicate(Local("x"), "==", NULL),))),
                ),
            ),
            id="nodes",
        ),
        pytest.param(Program.parse(TEXT), id="parsed"),
    ],
)
def test_a_program_can_be_built_in_several_ways(program):
    assert str(program) == TEXT
    assert program == Program.parse(TEXT)


def test_a_program_cannot_be_changed():
    program = Program.parse("T1: gil")

    with pytest.raises(dataclasses.FrozenInstanceError):
        program.threads = ()


def test_a_program_can_be_a_key_and_shows_itself():
    program = Program.parse("slot S = A\nT1: n = 1 ; x = S ; assert n < 2")

    assert {program: 1}[Program.parse(str(program))] == 1
    assert repr(program) == f'Program.parse("""\n{program}\n""")'
    assert "n &lt; 2" in program._repr_html_()
    assert program._repr_html_().startswith("<pre>")


def test_a_text_in_a_body_is_located_in_that_body():
    with pytest.raises(InvalidProgram) as caught:
        Program("slot S = A", {"T1": "x = S", "T2": "x = S\n  usee x"})

    message = "in thread T2, line 2, column 3: `usee`: there is no step of this name"
    assert str(caught.value).startswith(message)


def test_a_node_without_a_position_is_located_by_its_section():
    with pytest.raises(InvalidProgram) as caught:
        Program((), {"T1": [Step("use", (Local("x"),))]})

    message = "in thread T1: `x`: `x` is neither a local with a value nor a cell"
    assert str(caught.value).startswith(message)


GIL = Step("gil")
TRUE = Condition((Predicate(Constant(1)),))
CELL = CellDeclaration("slot", "S", "A")


def deep(depth):
    statement = GIL
    for _ in range(depth):
        statement = While(TRUE, (statement,))
    return statement


@pytest.mark.parametrize(
    "statement",
    [
        Step("explode"),
        Step(3),
        Step("gil", [Local("x")]),
        Step("gil", (Local("x"),)),
        Step("use", ()),
        Step("use", (Cell("S"),)),
        Step("use", (Local("not a name"),)),
        Step("use", (Local(None),)),
        Step("call", ()),
        Step("load", (Cell("S"),), "if"),
        Step("load", (Cell("S"),), 3),
        Step("load", (Field("x", "m"),), "y"),
        Step("assign", (Constant(True),), "x"),
        Step("assign", (Constant(2**31),), "x"),
        Step("assign", (Constant("1"),), "x"),
        Step("assign", (Arithmetic("*", Constant(1), Constant(2)),), "x"),
        Step("assign", (Arithmetic("+", Cell("S"), Constant(2)),), "x"),
        Step("append", (Container("C"), Cell("S"))),
        Assert(None),
        Assert(Condition(())),
        Assert(Condition([Predicate(Constant(1))])),
        Assert(Condition((Constant(1),))),
        Assert(Condition((Predicate(Constant(1), "=~", Constant(1)),))),
        Assert(Condition((Predicate(Constant(1), "=="),))),
        Assert(Condition((Predicate(Constant(1), None, Constant(1)),))),
        Assert(Condition((Predicate(Cell("S")),))),
        Assert(Condition((Predicate(Constant(1), negated=1),))),
        If(TRUE, [GIL]),
        If(TRUE, (GIL,), None),
        If(TRUE, ("gil",)),
        While(TRUE, (None,)),
        Repeat(-1, ()),
        Repeat(True, ()),
        Repeat(1.0, ()),
        deep(MAX_NESTING + 1),
        deep(600),
        Thread("T2"),
        object(),
        7,
    ],
)
def test_a_malformed_statement_is_refused(statement):
    with pytest.raises(InvalidProgram):
        Program("slot S = A\nrawvec C = []", {"T1": [statement]})


@pytest.mark.parametrize(
    "declaration",
    [
        CellDeclaration("slit", "S", None),
        CellDeclaration("slot", "1", None),
        CellDeclaration("slot", "S", 1.5),
        CellDeclaration("slot", "S", "null"),
        CellDeclaration("int", "N", True),
        CellDeclaration("int", "N", 2**31),
        ContainerDeclaration("vec", "C", ["A"]),
        ContainerDeclaration("vec", "C", (0,)),
        ContainerDeclaration("list", "C"),
        LockDeclaration("mutex", "L"),
        ObjectDeclaration("struct", "A"),
        ObjectDeclaration("obj", "A", finaliser=""),
        ObjectDeclaration("obj", "A", count="1"),
        ObjectDeclaration("obj", "A", max_count=2**40),
        ObjectDeclaration("obj", "A", stable=1),
        ObjectDeclaration("obj", "A", fields=[FieldDeclaration("field", "f", None)]),
        ObjectDeclaration("obj", "A", fields=(FieldDeclaration("weak", "f", None),)),
        ObjectDeclaration("obj", "A", fields=(FieldDeclaration("field", "", None),)),
        ObjectDeclaration("obj", "A", fields=("f",)),
        HoldDeclaration("keep", "T1", "x", "A"),
        HoldDeclaration("hold", "T1", "x", None),
        HoldDeclaration("hold", "T1", "1x", "A"),
        Thread("T2"),
        None,
        0,
    ],
)
def test_a_malformed_declaration_is_refused(declaration):
    with pytest.raises(InvalidProgram):
        Program([declaration], {"T1": "gil"})


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ((), {}),
        ((), {"T1": None}),
        ((), {"T1": 3}),
        ((), {"T1": {"x": 1}}),
        ((), {"T1": b"gil"}),
        ((), {"T 1": "gil"}),
        ((), {"if": "gil"}),
        ((), {3: "gil"}),
        ((), "T1"),
        ((), ["gil"]),
        ((), 3),
        (3, {"T1": "gil"}),
        ("T1: gil", {"T1": "gil"}),
        ((), {"T1": "gil\nT2: gil"}),
        ((), {"T1": "slot S = A"}),
        ((), {"T1": "if 1 == 1 {"}),
        ((), {"T1": "gil"}, {"T1": "gil"}),
        ((), {"T1": "gil"}, {"end": "gil"}),
        ((), {"T1": "gil"}, (), "gil"),
    ],
)
def test_arguments_that_are_no_program_are_refused(arguments):
    with pytest.raises(InvalidProgram):
        Program(*arguments)


# ------------------------------------------------------------------------- JSON


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
        ({}, "format=None: this is no program"),
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
        (data(threads=[{"name": 1, "body": []}]), r"threads\[0\].name: 1 is no name"),
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
        (body({"repeat": -1, "body": []}), "-1 is no number from 0"),
        (body({"repeat": True, "body": []}), "True is no number"),
        (body({"repeat": 1, "body": "gil"}), r"body\[0\].body: needs a list"),
        (body({"repeat": 1, "body": [], "x": 1}), "the key 'x' is unknown"),
        (body("use y"), "the program is not valid: in thread T1: `y`"),
        (data(threads=[]), "the program is not valid: a race program has at least"),
    ],
)
def test_stored_data_that_is_no_program_is_refused_with_its_path(stored, message):
    with pytest.raises(InvalidData, match=message):
        Program.from_dict(stored)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "nests too deep"),
        ("9" * 10_000, "not JSON"),
        ('{"format": "a", "format": "b"}', "'format' stands twice"),
    ],
)
def test_text_that_is_no_json_of_a_program_is_refused(text, message):
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
