"""A finaliser that counts while the scheme is at work below it, in every mode."""

import pytest
from explorer.model.models import GILS, explore

import refrace
from refrace.errors import InvalidProgram

MODES = [mode.name for mode in refrace.modes()]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]

# The last drop comes to pass where T1 ends, is quiescent, or falls asleep.
ENDINGS = {"ends": "", "is quiescent": " ; quiesce", "sleeps": " ; detach ; attach"}
PROGRAM = """
obj A final f
hold T1.x = A
hold T2.y = A
T1: decref x{ending}
T2: decref y{ending}
fn f: x = new N ; {body}
"""
BODIES = {
    "once": "incref x ; decref x ; decref x",
    "three times": "repeat 3 { incref x } ; repeat 3 { decref x } ; decref x",
    "thirty times": "repeat 30 { incref x } ; repeat 30 { decref x } ; decref x",
    "for two objects": "y = new N ; incref x ; incref y ; incref y ; decref x ;"
    " decref x ; decref y ; decref y ; decref y",
    "with a try": "t = try_incref x ; if t == 1 { decref x } ; decref x",
    "and asks": "incref x ; u = unique x ; decref x ; decref x",
}
FORGETS = "incref x ; decref x"


def program(body, ending):
    return PROGRAM.format(body=body, ending=ENDINGS[ending])


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("mode", CORRECT)
def test_a_finaliser_that_counts_right_is_right_in_every_correct_mode(
    mode, body, ending, gil
):
    found = refrace.explore(program(body, ending), mode, gil=gil)

    assert found.is_proof, str(found)
    assert found.outcomes.keys() == {frozenset()}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", CORRECT)
def test_what_a_finaliser_forgets_to_drop_is_a_leak_in_every_correct_mode(mode, ending):
    found = refrace.explore(program(FORGETS, ending), mode)

    assert [str(finding.kind) for finding in found.findings] == ["leak"]
    assert found.outcomes.keys() == {frozenset({"leak"})}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("body", [*BODIES.values(), FORGETS], ids=[*BODIES, "forgets"])
@pytest.mark.parametrize("mode", MODES)
def test_whatever_comes_out_of_a_run_is_a_finding_with_a_run_to_it(mode, body, ending):
    try:
        raw = explore(program(body, ending), mode)
    except InvalidProgram:
        return
    assert raw.error is None
    assert raw.finished
    assert set(raw.schedules) == set().union(*raw.outcomes)
