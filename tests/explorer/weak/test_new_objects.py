"""New objects under C11: what their words order, and older values of pointers."""

from __future__ import annotations

import pytest

import refrace

# T3's use is before everything, but nothing orders it before T2's put.
PROGRAM = """
int F = 0
slot S = null
type Node
obj A
hold T2.a = A
hold T3.c = A
T1: await F relaxed ; x = new Node ; S = x release
T2: await S acquire ; y = S acquire ; {between} ; put a ; decref y ; decref a
T3: use c ; F = 1 relaxed ; decref_rlx c
"""


@pytest.mark.parametrize("between", ["z = y", "n = rc y", "lock y.m ; unlock y.m"])
def test_what_a_thread_first_reads_of_a_new_object_orders_no_access_of_a_third(between):
    report = refrace.explore(PROGRAM.format(between=between), memory="c11")
    assert [set(outcome) for outcome in report.outcomes] == [
        {refrace.FindingKind.DATA_RACE}
    ]


def test_the_lock_of_a_renewed_object_orders_nothing_that_was_before():
    program = """
        int F = 0
        slot S = null
        obj A
        obj B
        hold T1.b = B
        hold T2.a = A
        hold T3.c = A
        T1: await F relaxed ; decref b ; x = renew B ; S = x release
        T2: await S acquire ; y = S acquire ; lock y.m ; unlock y.m ; put a ; decref y
          decref a
        T3: use c ; F = 1 relaxed ; decref_rlx c
    """
    report = refrace.explore(program, memory="c11")
    assert [set(outcome) for outcome in report.outcomes] == [
        {refrace.FindingKind.DATA_RACE}
    ]


def test_an_older_value_still_points_to_its_object_when_objects_are_renumbered():
    program = """
        slot S = null
        T1: n = new A ; S = n relaxed
        T2: n = new A ; S = n relaxed ; y = S relaxed ; if y != null { use y }
    """
    report = refrace.explore(program, memory="c11")
    # T2 reads T1's object, which nothing initialises before, if it loads the newer of
    # the two writes: in 3 orders T1 stores first, and T2's write goes before its write;
    # in 3 orders T2 stores first, and T1's write goes behind its write.
    assert {
        tuple(kinds): outcome.interleavings
        for kinds, outcome in report.outcomes.items()
    } == {("leak",): 30, ("data-race",): 6}
