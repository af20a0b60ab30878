"""The lock that is kept: a step where it changes hands, and never between accesses."""

from math import comb

import pytest

import refrace

PAIRS = """
slot S = A
borrow T1.x = A
borrow T2.x = A
T1: incref x ; decref x
T2: incref x ; decref x
"""


def steps_of(text, mode="gil"):
    """The accesses of the smallest run to the one finding there is."""
    trace = refrace.explore(text, mode).counterexample()
    return [
        (step.thread, step.c_text.split("(")[0]) for step in trace.steps if step.c_text
    ]


def test_operations_are_whole_so_as_many_orders_as_of_single_steps():
    assert refrace.explore(PAIRS, "gil").interleavings == comb(4, 2)
    assert refrace.explore(PAIRS, "atomic").interleavings == comb(4, 2)


def test_the_lock_is_taken_once_by_a_thread_that_is_alone():
    text = "slot S = A\nborrow T1.x = A\nT1: incref x ; incref x"

    assert steps_of(text) == [
        ("T1", "rc_take_gil"),
        ("T1", "rc_load_relaxed"),
        ("T1", "rc_store_relaxed"),
        ("T1", "rc_load_relaxed"),
        ("T1", "rc_store_relaxed"),
    ]


def test_it_is_a_step_again_after_another_thread_has_had_it():
    text = """
    int TURN = 0
    slot S = A
    borrow T1.x = A
    borrow T2.x = A
    T1: incref x ; TURN = 1 ; await not TURN ; incref x
    T2: await TURN ; decref x ; TURN = 0
    """

    takes = [thread for thread, what in steps_of(text) if what == "rc_take_gil"]
    assert takes == ["T1", "T2", "T1"]


@pytest.mark.parametrize("waits", ["await GO", "lock L"])
def test_a_thread_that_waits_for_something_else_lets_others_count(waits):
    text = f"""
    int GO = 0
    lock L
    slot S = A
    borrow T1.x = A
    borrow T2.x = A
    T1: incref x ; {waits} ; decref x
    T2: incref x ; GO = 1 ; decref x
    """

    assert refrace.explore(text, "gil").is_proof


def test_what_an_object_owns_is_dropped_while_no_thread_is_inside_an_operation():
    text = """
    obj B field f=A
    hold T1.x = B
    hold T2.y = A
    T1: decref x
    T2: incref y ; decref y ; decref y
    """

    assert refrace.explore(text, "gil").is_proof
    assert not refrace.explore(text, "unlocked").is_proof


def test_it_does_not_protect_a_borrowed_reference():
    text = """
    slot S = A
    T1: x = S
      if x != null {
        incref x
        decref x
      }
    T2: y = swap S null ; decref y
    """

    kinds = {str(finding.kind) for finding in refrace.explore(text, "gil").findings}
    assert "use-after-free" in kinds
