"""The table of operations says of itself what the parser makes of its forms."""

from __future__ import annotations

import pytest

from refrace import Program
from refrace.programs.operand_kinds import OPTIONAL
from refrace.programs.steps import OPERATIONS, ResultKind

DECLARED = """
slot S = A
int N = 0
vec C = [A] room 2
lock L
barrier B 2
type T
"""
PREAMBLE = (
    "x = S ; p = x ; k = 1 ; i = 0 ; v = x ; old = x ; new0 = x ; n = 1 ; a = 1\n"
)


def written(form: str, is_counted: bool) -> str:
    """Return a form with its placeholder `new` spelled so that it is a local."""
    form = form.replace("old new", "old new0")
    return form.replace("old new0", "i n") if is_counted else form


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_a_form_is_what_the_parser_reads_as_that_operation(row):
    is_counted = row.name in {"cas", "casrc", "setrc", "poke"}
    form = written(row.form, is_counted).replace("cas S", "cas N")
    if row.result is not ResultKind.NONE and row.result is not ResultKind.REFERENCE:
        form = form.replace("x = ", "r = ").replace("old = ", "r = ")
    text = f"{DECLARED}T1: {PREAMBLE}while n == 1 {{\n{form}\n}}\nfn f: use arg"
    if row.name == "maybe":
        text = text.replace("use arg", "gil")
    program = Program.parse(text)

    (step,) = program.threads[0].body[-1].body
    assert step.op == row.name
    n_optional = sum(kind in OPTIONAL for kind in row.operands)
    n_written = 1 if row.name == "call" else 0
    assert len(step.operands) == len(row.operands) - n_optional + n_written
    gives = row.result not in (ResultKind.NONE, ResultKind.RETURNED)
    assert (step.result is not None) == gives


def test_locals_only_operations_are_the_ones_that_are_no_steps():
    local_only = {row.name for row in OPERATIONS.values() if not row.is_step}

    assert local_only == {"assign", "call", "break", "return"}


def test_what_only_looks_is_allowed_at_the_end():
    looks = {row.name for row in OPERATIONS.values() if row.in_end}

    assert looks == {
        "load", "assign", "unique", "rc", "use", "peek", "get", "len", "items", "at",
        "break", "return",
    }  # fmt: skip


def test_only_the_last_operands_may_be_left_out():
    for row in OPERATIONS.values():
        may_be_left_out = [kind in OPTIONAL for kind in row.operands]
        assert may_be_left_out == sorted(may_be_left_out)


def test_a_required_result_is_one_that_there_is():
    for row in OPERATIONS.values():
        assert not (row.result_required and row.result is ResultKind.NONE)
        assert row.doc.endswith(".")
