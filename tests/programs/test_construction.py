"""Programs built in Python: what is taken, and what is refused."""

from __future__ import annotations

import dataclasses
import doctest
import re
from html import unescape

import pytest

import refrace.programs.program
from refrace import InvalidProgram, Program
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
    Function,
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


def test_the_example_of_the_documentation_runs():
    ran = doctest.testmod(refrace.programs.program)

    assert ran.failed == 0
    assert ran.attempted > 0


def test_a_program_cannot_be_changed():
    program = Program.parse("T1: gil")

    with pytest.raises(dataclasses.FrozenInstanceError):
        program.threads = ()


def test_a_program_can_be_a_key_and_shows_itself():
    program = Program.parse("slot S = A\nT1: n = 1 ; x = S ; assert n < 2")

    assert {program: 1}[Program.parse(str(program))] == 1
    assert repr(program) == f'Program.parse("""\n{program}\n""")'
    html = program._repr_html_()
    shown = re.sub(r"<[^>]+>", "", html.partition("</style>")[2])
    assert unescape(shown) == str(program)
    assert "&lt;" in html
    assert '<span style="color:var(--rf-t2)">assert</span>' in html


def test_a_text_in_a_body_is_located_in_that_body():
    with pytest.raises(InvalidProgram) as caught:
        Program("slot S = A", {"T1": "x = S", "T2": "x = S\n  usee x"})

    message = "in thread T2, line 2, column 3: `usee`: unknown step"
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
def test_arguments_that_are_not_a_program_are_refused(arguments):
    with pytest.raises(InvalidProgram):
        Program(*arguments)


def test_parameters_of_a_sub_program_follow_its_name():
    program = Program((), {"T1": "r = call add 1 2"}, {"add a b": "return a + b"})

    (function,) = program.functions
    assert (function.name, function.parameters) == ("add", ("a", "b"))
    assert Program.parse(str(program)) == program
    made = Function("add", function.body, ("a", "b"))
    assert Program((), program.threads, [made]) == program


@pytest.mark.parametrize("parameters", [["a"], ("lock",), (1,), ("a b",)])
def test_parameters_that_are_no_names_are_refused(parameters):
    with pytest.raises(InvalidProgram):
        Program((), {"T1": "gil"}, [Function("f", (), parameters)])


def test_programs_that_differ_in_parameters_are_different():
    texts = ("fn f: gil", "fn f a: gil", "fn f b: gil")

    programs = {Program.parse(f"T1: gil\n{text}") for text in texts}

    assert len(programs) == 3
    assert len({program.normalised() for program in programs}) == 2
