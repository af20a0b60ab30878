"""A finaliser that counts while the scheme is at work below it, in every mode."""

from itertools import product

import pytest
from explorer.model.models import GILS, explore

import refrace
from refrace.errors import InvalidProgram

MODES = [mode.name for mode in refrace.modes()]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]

# The last drop happens where T1 ends, quiesces, or detaches.
ENDINGS = {"ends": "", "quiesces": " ; quiesce", "detaches": " ; detach ; attach"}
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
@pytest.mark.parametrize("mode", CORRECT)
def test_a_finaliser_that_counts_right_is_right_in_every_correct_mode(mode, gil):
    for body, ending in product(BODIES.values(), ENDINGS):
        found = refrace.explore(program(body, ending), mode, gil=gil)

        assert found.is_proof, str(found)
        assert found.outcomes.keys() == {frozenset()}, str(found)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", CORRECT)
def test_what_a_finaliser_forgets_to_drop_is_a_leak_in_every_correct_mode(mode, ending):
    found = refrace.explore(program(FORGETS, ending), mode)

    assert [str(finding.kind) for finding in found.findings] == ["leak"]
    assert found.outcomes.keys() == {frozenset({"leak"})}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", MODES)
def test_every_outcome_of_a_run_is_a_finding_with_a_run_to_it(mode, ending):
    for body in [*BODIES.values(), FORGETS]:
        try:
            raw = explore(program(body, ending), mode)
        except InvalidProgram:
            continue
        assert raw.error is None, body
        assert raw.finished, body
        assert set(raw.schedules) == set().union(*raw.outcomes), body
