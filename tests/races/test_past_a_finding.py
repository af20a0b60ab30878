"""Compiled code that continues after a finding, where a run of the model ends."""

import pytest
from races.predicted import check, some_rounds

import refrace

# Where compiled code goes on and the model stops: each was disputed once, or hung.
PAST_A_FINDING = {
    "an upgrade under which the life ends": """
        hold T1.x = A
        raw R = A
        T1: decref x
        T2: x = upgrade R
        """,
    "a decref whose drain finds freed memory": """
        hold T1.x = A
        borrow T2.x = A
        hold T2.y = B
        int N = 0
        T1: await N ; decref x
        T2: put x ; N = 1 ; decref y
        """,
    "a decref below zero at the first of two accesses": """
        T1: x = new M ; n = decfetch x ; decref x
        """,
    "attempts on an object that nobody holds": """
        obj A stable
        hold T1.x = A
        raw R = A
        T1: decref x
        T2: x = R ; b = try_incref x
        T3: x = R ; b = try_incref x
        """,
    "a null that is one no more when its turn comes": """
        raw R = null
        hold T2.x = A
        hold T3.y = B
        hold T4.y = B
        T1: x = upgrade R
        T2: R = x ; decref x
        T3: decref y
        T4: decref y
        """,
}


@pytest.mark.parametrize("mode", [mode.name for mode in refrace.modes()])
@pytest.mark.parametrize("what", PAST_A_FINDING)
@some_rounds(150, 500)
def test_compiled_code_that_goes_on_past_a_finding_is_explained(what, mode, rounds):
    program = refrace.Program.parse(PAST_A_FINDING[what])
    if program.facts.uses_count_word and not refrace.mode(mode).has_count_word:
        pytest.skip(f"the program sees the count as a cell, which {mode} does not have")
    check(refrace.race(mode, program=program, rounds=rounds))
