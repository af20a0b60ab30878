"""Text, JSON and pickles give every program back: all of the gallery, and generated."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from refrace import Program, gallery
from refrace.programs.steps import OPERATIONS, OperandKind, ResultKind
from refrace.programs.syntax import (
    MAX_INTEGER,
    NULL,
    Arithmetic,
    Assert,
    Barrier,
    BarrierDeclaration,
    Cell,
    CellDeclaration,
    Condition,
    Constant,
    Container,
    ContainerDeclaration,
    Field,
    FieldDeclaration,
    Function,
    FunctionName,
    HoldDeclaration,
    If,
    Local,
    Lock,
    LockDeclaration,
    ObjectDeclaration,
    ObjectLock,
    ObjectName,
    Predicate,
    Repeat,
    Step,
    Template,
    Thread,
    While,
)

GALLERY = [
    pytest.param(getattr(variant, twin), id=f"{variant.id}-{twin}")
    for pattern in gallery.values()
    for variant in pattern.variants
    for twin in ("buggy", "fixed")
]

# A program of all forms takes its time to draw.
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")

DECLARATIONS = (
    CellDeclaration("slot", "S", "A"),
    CellDeclaration("raw", "R", None),
    CellDeclaration("int", "N", -3),
    ContainerDeclaration("vec", "C", ("A", None, "B"), room=3, delayed=True),
    ContainerDeclaration("rawvec", "Q", room=0),
    LockDeclaration("lock", "L"),
    LockDeclaration("rlock", "Größe"),
    BarrierDeclaration("G", 2),
    ObjectDeclaration(
        "obj",
        "A",
        finaliser="bye",
        fields=(
            FieldDeclaration("field", "f", "B"),
            FieldDeclaration("rawfield", "v", 0),
            FieldDeclaration("rawfield", "g", None),
        ),
        count=7,
        max_count=9,
        stable=True,
    ),
    ObjectDeclaration("type", "M", fields=(FieldDeclaration("field", "f", None),)),
    HoldDeclaration("hold", "T1", "r1", "A"),
    HoldDeclaration("borrow", "T2", "r1", "Z"),
)

integers = st.integers(-MAX_INTEGER, MAX_INTEGER)


@dataclass
class Body:
    """What a generated body may do, and which of its locals have a value."""

    kind: str = "thread"
    callees: tuple[str, ...] = ()
    references: set[str] = field(default_factory=set)
    integers: set[str] = field(default_factory=set)
    loops: int = 0
    depth: int = 0

    def inside(self, is_loop: bool = False) -> Body:
        return Body(
            self.kind,
            self.callees,
            set(self.references),
            set(self.integers),
            self.loops + is_loop,
            self.depth + 1,
        )


def values(body: Body, is_integer: bool, sums: bool = True) -> st.SearchStrategy:
    """A value of one type: locals that have one, constants, sums."""
    if not is_integer:
        return st.sampled_from([NULL, *map(Local, sorted(body.references))])
    terms = st.builds(Constant, integers)
    if body.integers:
        terms |= st.builds(Local, st.sampled_from(sorted(body.integers)))
    if not sums:
        return terms
    return terms | st.builds(Arithmetic, st.sampled_from("+-"), terms, terms)


@st.composite
def places(draw, body: Body, is_integer: bool):
    cells, fields = (("N",), ("v",)) if is_integer else (("S", "R"), ("f", "g"))
    if body.references and draw(st.booleans()):
        owner = draw(st.sampled_from(sorted(body.references)))
        return Field(owner, draw(st.sampled_from(fields)))
    return Cell(draw(st.sampled_from(cells)))


@st.composite
def steps(draw, body: Body):
    rows = [
        row
        for row in OPERATIONS.values()
        if (body.kind != "end" or row.in_end)
        and (body.references or OperandKind.OBJECT not in row.operands)
        and (body.loops or row.name != "break")
        and (body.kind != "gives" or row.name != "return")
        and (body.callees or OperandKind.FUNCTION not in row.operands)
    ]
    row = draw(st.sampled_from(rows))
    is_integer = draw(st.booleans())
    operands = []
    for kind in row.operands:
        if kind is OperandKind.OBJECT:
            operands.append(Local(draw(st.sampled_from(sorted(body.references)))))
        elif kind is OperandKind.VALUE:
            operands.append(draw(values(body, is_integer)))
        elif kind is OperandKind.INTEGER:
            operands.append(draw(values(body, True)))
        elif kind is OperandKind.REFERENCE:
            operands.append(draw(values(body, False)))
        elif kind is OperandKind.ARGUMENT:
            n_given = len(operands) - 1
            if operands[0] == FunctionName("gives"):
                if n_given < 2:
                    operands.append(draw(values(body, n_given == 1)))
            elif n_given == 0 and (
                operands[0] == FunctionName("given") or draw(st.booleans())
            ):
                operands.append(draw(values(body, False)))
        elif kind is OperandKind.RETURNED:
            break
        elif kind in (
            OperandKind.PLACE,
            OperandKind.REFERENCE_PLACE,
            OperandKind.INTEGER_PLACE,
        ):
            if kind is not OperandKind.PLACE:
                is_integer = kind is OperandKind.INTEGER_PLACE
            operands.append(draw(places(body, is_integer)))
        elif kind is OperandKind.CONTAINER:
            operands.append(Container(draw(st.sampled_from("CQ"))))
        elif kind is OperandKind.LOCK:
            locks = st.sampled_from([Lock("L"), Lock("Größe")])
            if body.references:
                owners = st.sampled_from(sorted(body.references))
                locks |= st.builds(ObjectLock, owners)
            operands.append(draw(locks))
        elif kind is OperandKind.BARRIER:
            operands.append(Barrier("G"))
        elif kind is OperandKind.TEMPLATE:
            operands.append(Template(draw(st.sampled_from(["M", "B", "Plain"]))))
        elif kind is OperandKind.NAMED_OBJECT:
            operands.append(ObjectName(draw(st.sampled_from("AB"))))
        else:
            is_call = row.name == "call"
            names = [n for n in body.callees if n == "plain" or is_call]
            if not names:
                return Step("gil")
            operands.append(FunctionName(draw(st.sampled_from(names))))
    result = None
    if row.result is ResultKind.RETURNED:
        if operands[0] == FunctionName("gives"):
            result = draw(st.sampled_from(["i1", "i2"]))
            body.integers.add(result)
    elif row.result is not ResultKind.NONE and (
        row.result_required or draw(st.booleans())
    ):
        gives_integer = row.result in (ResultKind.INTEGER, ResultKind.BOOLEAN) or (
            row.result is ResultKind.AS_OPERAND and is_integer
        )
        result = draw(st.sampled_from(["i1", "i2"] if gives_integer else ["r1", "r2"]))
        (body.integers if gives_integer else body.references).add(result)
    return Step(row.name, tuple(operands), result)


@st.composite
def conditions(draw, body: Body):
    predicates = []
    for _ in range(draw(st.integers(1, 3))):
        is_integer = draw(st.booleans())
        operands = values(body, is_integer, sums=False)
        negated = draw(st.booleans())
        if draw(st.booleans()):
            predicates.append(Predicate(draw(operands), negated=negated))
            continue
        operator = draw(st.sampled_from(COMPARISONS if is_integer else ("==", "!=")))
        left, right = draw(operands), draw(operands)
        predicates.append(Predicate(left, operator, right, negated))
    return Condition(tuple(predicates))


@st.composite
def blocks(draw, body: Body):
    statements = []
    for _ in range(draw(st.integers(0, 4 if body.depth < 2 else 1))):
        form = draw(st.sampled_from(["step"] * 6 + ["assert", "if", "while", "repeat"]))
        if form == "step" or (body.depth == 4 and form != "assert"):
            statements.append(draw(steps(body)))
            if statements[-1].op in ("break", "return"):
                break
        elif form == "assert":
            statements.append(Assert(draw(conditions(body))))
        elif form == "if":
            condition = draw(conditions(body))
            then = draw(blocks(body.inside()))
            statements.append(If(condition, then, draw(blocks(body.inside()))))
        elif form == "while":
            condition = draw(conditions(body))
            statements.append(While(condition, draw(blocks(body.inside(True)))))
        else:
            count = draw(st.integers(0, MAX_INTEGER))
            statements.append(Repeat(count, draw(blocks(body.inside(True)))))
    return tuple(statements)


@st.composite
def giving_body(draw):
    """A body with the parameters p and q that gives a number."""
    body = Body("gives", ("plain",), {"p"}, {"q"})
    found = draw(blocks(body))
    return (*found, Step("return", (draw(values(body, True)),)))


@st.composite
def programs(draw):
    """A valid program of all forms, built from nodes."""
    declarations = draw(st.permutations(DECLARATIONS))
    functions = (
        Function("bye", draw(blocks(Body("function", ("plain",), {"self"})))),
        Function("given", draw(blocks(Body("function", ("plain",), {"arg"})))),
        Function("plain", draw(blocks(Body("function")))),
        Function("gives", draw(giving_body()), parameters=("p", "q")),
    )
    callees = ("given", "plain", "gives")
    threads = tuple(
        Thread(name, draw(blocks(Body("thread", callees, {"r1"}))))
        for name in ("T1", "T2")
    )
    end = draw(blocks(Body("end")))
    return Program(declarations, threads, functions, end)


@pytest.mark.parametrize("program", GALLERY)
def test_a_gallery_program_comes_back_from_its_text_and_its_json(program):
    assert Program.parse(str(program)) == program
    assert Program.from_json(program.to_json()) == program


@SLOW
@given(program=programs())
def test_a_program_comes_back_from_its_text(program):
    again = Program.parse(str(program))

    assert again == program
    assert hash(again) == hash(program)
    assert str(again) == str(program)


@settings(SLOW, max_examples=40)
@given(program=programs())
def test_a_program_comes_back_from_its_json(program):
    assert Program.from_json(program.to_json()) == program
    assert Program.from_dict(program.to_dict()) == program


@settings(SLOW, max_examples=40)
@given(program=programs())
def test_a_program_comes_back_from_its_parts_its_repr_and_its_pickle(program):
    parts = (program.declarations, program.threads, program.functions, program.end)
    assert Program(*parts) == program
    assert eval(repr(program), {"Program": Program}) == program
    assert pickle.loads(pickle.dumps(program)) == program
    assert copy.deepcopy(program) == program


@settings(SLOW, max_examples=40)
@given(program=programs())
def test_renaming_locals_keeps_a_program_valid_and_is_done_once(program):
    normal = program.normalised()

    assert Program.parse(str(normal)) == normal
    assert normal.normalised() == normal
    assert normal.facts.n_statements == program.facts.n_statements
    assert normal.facts.operations == program.facts.operations
    assert normal.facts.identical_threads == program.facts.identical_threads


@settings(SLOW, max_examples=20)
@given(first=programs(), second=programs())
@example(first=Program(threads={"T1": "gil"}), second=Program(threads={"T2": "gil"}))
def test_programs_are_equal_exactly_when_their_texts_are(first, second):
    assert (first == second) == (str(first) == str(second))


def test_fields_may_be_named_like_the_words_of_the_language():
    text = """obj A rawfield free=0 field lock=null rawfield if=1
slot S = A
T1:
  x = S
  n = x.free
  x.free = 1
  old = swap x.lock null
  k = finc x.if
  await x.if
"""
    program = Program.parse(text)

    assert str(program) == text.strip()
    assert Program.from_json(program.to_json()) == program
    assert program.check().findings == ()
