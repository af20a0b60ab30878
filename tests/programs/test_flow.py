"""When a local has a value: what is accepted; what is refused is in test_errors."""

from __future__ import annotations

import pytest

from refrace import InvalidProgram, Program
from refrace.programs.syntax import MAX_NESTING

HEAD = "slot S = A\nint N = 0\nT1: n = N\n"


@pytest.mark.parametrize(
    "body",
    [
        "if n == 1 {\n x = S\n} else {\n x = null\n}\nuse x",
        "if n == 1 {\n return\n} else {\n x = S\n}\nuse x",
        "if n == 1 {\n x = S\n} else {\n return\n}\nuse x",
        "if n == 1 {\n return\n} else {\n return\n}\nuse x",
        "return ; use x",
        "while n == 1 {\n break ; use x\n}",
        "repeat 2 {\n x = S\n}\nuse x",
        "repeat 2 {\n x = S\n if x != null {\n break\n }\n}\nuse x",
        "repeat 2 {\n x = S\n if n == 1 {\n y = S ; break\n }\n y = S\n}\nuse x",
        "repeat 2 {\n return\n}\nuse x",
        "repeat 1 {\n repeat 1 {\n x = S ; break\n}\n use x\n}\nuse x",
        "while n == 1 {\n if n == 2 {\n break\n }\n x = S ; use x\n}",
        "x = S\nwhile x != null {\n x = S\n}\nuse x",
        "x = S\nif n == 1 {\n x = S\n}\nuse x",
    ],
)
def test_a_local_that_has_a_value_on_every_way_may_be_read(body):
    Program.parse(HEAD + body)


@pytest.mark.parametrize(
    "body",
    [
        "if n == 1 {\n x = S\n} else {\n y = S\n}\nuse x",
        "if n == 1 {\n x = S\n}\nif n == 1 {\n use x\n}",
        "while n == 1 {\n x = S\n}\nuse x",
        "while n == 1 {\n use x\n x = S\n}",
        "repeat 0 {\n x = S\n}\nuse x",
        "repeat 2 {\n break\n x = S\n}\nuse x",
        "repeat 2 {\n if n == 1 {\n break\n }\n x = S\n}\nuse x",
        "repeat 2 {\n if n == 1 {\n x = S\n break\n }\n break\n}\nuse x",
        "repeat 2 {\n if n == 1 {\n x = S\n }\n break\n}\nuse x",
        "x = x",
    ],
)
def test_a_local_without_a_value_on_some_path_must_not_be_read(body):
    with pytest.raises(InvalidProgram, match="`x`"):
        Program.parse(HEAD + body)


def test_a_sub_program_has_locals_of_its_own():
    Program.parse("slot S = A\nT1: x = S ; call f x\nfn f: x = 1 ; n = x + 1 ; use arg")
    with pytest.raises(InvalidProgram, match="`x` is neither a local"):
        Program.parse("slot S = A\nT1: x = S ; call f\nfn f: use x")


def test_an_argument_that_is_never_read_may_be_passed():
    Program.parse("slot S = A\nT1: x = S ; call f x ; call f\nfn f: gil")


def test_a_sub_program_that_is_never_called_may_read_both():
    Program.parse("T1: gil\nfn f: use arg ; use self")


def test_argument_types_are_one_through_a_chain_of_calls():
    with pytest.raises(InvalidProgram, match="is a number"):
        Program.parse("T1: n = 1 ; call f n\nfn f: call g arg\nfn g: y = arg ; use y")


CHAIN = """
int N = 0
T1: n = N
  if n == 1 {
    k = 1
  } else if n == 2 {
    k = 2
  } else if n == 0 {
    k = 3
  } else {
    k = 4
  }
  N = k
"""


def test_an_else_if_is_an_if_in_an_else():
    nested = CHAIN.replace("} else if n == 2 {", "} else { if n == 2 {")
    nested = nested.replace("} else if n == 0 {", "} else { if n == 0 {")
    nested = nested.replace("  N = k", "  }\n  }\n  N = k")

    assert Program.parse(CHAIN) == Program.parse(nested)
    assert Program.parse(str(Program.parse(CHAIN))) == Program.parse(CHAIN)


@pytest.mark.parametrize(("n", "fits"), [(MAX_NESTING - 1, True), (MAX_NESTING, False)])
def test_each_else_if_nests_one_deeper(n, fits):
    text = "T1: n = 1 ; if n == 0 {\n gil\n}" + " else if n == 1 {\n gil\n}" * n

    if fits:
        program = Program.parse(text)
        assert Program.parse(str(program)) == program
    else:
        with pytest.raises(InvalidProgram, match="nest more than 64 deep"):
            Program.parse(text)
