"""What is known of a program without running it."""

from __future__ import annotations

import pytest

from refrace import Program
from refrace.programs.syntax import ObjectDeclaration

PROGRAM = Program.parse(
    """
    slot S = A
    raw R = B
    vec C = [A, null, D]
    rawvec Q = [A]
    obj A field f=B rawfield g=A rawfield v=0 field h=A
    obj K rc 5
    type M field f=null final bye
    lock L
    hold T1.x = A
    hold T2.y = A
    borrow T2.z = E
    T1: z = x ; n = x.v ; a = new M ; b = new Plain ; c = renew K
    T2: while y != null {
        maybe f
      }
    fn f: call g self2
    fn g: use arg
    fn bye: use self
    end: n = len C ; assert n == 3
    """.replace("call g self2", "k = S ; call g k")
)
FACTS = PROGRAM.facts


def test_objects_are_those_declared_and_those_named_in_order_of_first_mention():
    assert [node.name for node in FACTS.objects] == ["A", "B", "D", "K", "E"]
    assert FACTS.objects[1] == ObjectDeclaration("obj", "B")


def test_an_initial_count_is_the_number_of_owners_unless_it_is_given():
    # A: slot S, one item of C, its own field h, two holds.  R, Q and g do not own.
    assert FACTS.initial_counts == {"A": 5, "B": 1, "D": 1, "K": 5, "E": 0}


def test_templates_are_what_is_allocated_with_its_options():
    assert list(FACTS.templates) == ["M", "Plain", "K"]
    assert FACTS.templates["M"].finaliser == "bye"
    assert FACTS.templates["Plain"] == ObjectDeclaration("type", "Plain")
    assert FACTS.templates["K"].count == 5


def test_cells_containers_locks_and_holds_are_listed():
    assert [node.name for node in FACTS.cells] == ["S", "R"]
    assert [node.name for node in FACTS.containers] == ["C", "Q"]
    assert [node.name for node in FACTS.locks] == ["L"]
    assert [node.local for node in FACTS.holds] == ["x", "y", "z"]
    assert FACTS.integer_fields == {"f": False, "g": False, "v": True, "h": False}


def test_locals_are_listed_by_section_in_order_of_first_mention():
    assert FACTS.locals == {
        "T1": ("x", "z", "n", "a", "b", "c"),
        "T2": ("y", "z"),
        "f": ("k",),
        "g": ("arg",),
        "bye": ("self",),
        "end": ("n",),
    }


@pytest.mark.parametrize(
    ("section", "local", "expected"),
    [
        ("T1", "x", "reference"),
        ("T1", "z", "reference"),
        ("T1", "n", "integer"),
        ("g", "arg", "reference"),
        ("bye", "self", "reference"),
        ("end", "n", "integer"),
        ("T1", "nobody", None),
    ],
)
def test_a_local_has_one_type(section, local, expected):
    assert FACTS.local_type(section, local) == expected


def test_features_are_those_that_are_used():
    plain = Program.parse("slot S = A\nT1: x = S ; use x").facts

    assert FACTS.uses_finalisers
    assert FACTS.uses_loops
    assert FACTS.uses_allocation
    assert FACTS.uses("maybe", "put")
    assert FACTS.call_depth == 2
    assert not plain.uses_finalisers
    assert not plain.uses_loops
    assert not plain.uses_allocation
    assert plain.operations == {"load", "use"}
    assert plain.call_depth == 0
    assert not plain.uses("maybe", "put")


def test_store_buffers_and_count_words_are_noticed():
    head = "hold T1.x = A\nT1: "

    assert Program.parse(head + "put x").facts.uses_store_buffer
    assert not Program.parse(head + "decref_rlx x").facts.uses_store_buffer
    for step in ("n = rc x", "setrc x 1", "n = incfetch x", "b = casrc x 1 2"):
        assert Program.parse(head + step).facts.uses_count_word
    assert not Program.parse(head + "u = unique x").facts.uses_count_word


def test_threads_that_differ_in_the_names_of_locals_are_identical():
    program = Program.parse(
        "slot S = A\nhold T1.h = A\nhold T3.g = A\nborrow T4.h = A\n"
        "T1: x = S ; use x ; decref h\n"
        "T2: x = S ; use x\n"
        "T3: y = S ; use y ; decref g\n"
        "T4: x = S ; use x ; decref h\n"
        "T5: x1 = S ; use x1"
    )

    groups = program.facts.identical_threads
    assert groups == (("T1", "T3"), ("T2", "T5"), ("T4",))


def test_threads_that_use_their_locals_differently_are_not_identical():
    program = Program.parse(
        "slot S = A\nslot R = A\nT1: x = S ; y = R ; use x\nT2: y = S ; x = R ; use x"
    )

    assert program.facts.identical_threads == (("T1",), ("T2",))


def test_a_normal_name_is_never_that_of_something_shared():
    program = Program.parse("slot x1 = x3\nT1: a = x1 ; b = a ; c = b\nfn f: use self")
    text = str(program.normalised())

    assert "x2 = x1\n  x4 = x2\n  x5 = x4" in text
    assert "use self" in text


def test_held_locals_that_are_never_used_do_not_tell_threads_apart():
    program = Program.parse(
        "hold T1.a = A\nhold T1.b = B\nhold T2.c = B\nhold T2.d = A\nT1: gil\nT2: gil"
    )

    assert program.facts.identical_threads == (("T1", "T2"),)
